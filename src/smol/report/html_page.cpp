#include "smol/report/html_page.h"

#include <stdexcept>

#include "smol/report/report_template.h"

namespace smol {
namespace {

// The line separators as UTF-8: allowed in JSON, ends of lines to older script parsers.
constexpr std::string_view kLineSeparator = "\xE2\x80\xA8";
constexpr std::string_view kParagraphSeparator = "\xE2\x80\xA9";

size_t hole_in(std::string_view page, std::string_view hole) {
  const size_t at = page.find(hole);
  if (at == page.npos || page.find(hole, at + 1) != page.npos) {
    throw std::logic_error("the report's template must have this hole once: " + std::string(hole));
  }
  return at;
}

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      case '\'': escaped += "&#39;"; break;
      default: escaped += c;
    }
  }
  return escaped;
}

std::string script_safe_json(std::string_view json) {
  std::string safe;
  safe.reserve(json.size() + json.size() / 16);
  for (size_t i = 0; i < json.size();) {
    const std::string_view rest = json.substr(i);
    if (rest.starts_with(kLineSeparator) || rest.starts_with(kParagraphSeparator)) {
      safe += rest.starts_with(kLineSeparator) ? "\\u2028" : "\\u2029";
      i += kLineSeparator.size();
      continue;
    }
    switch (json[i]) {
      case '<': safe += "\\u003c"; break;
      case '>': safe += "\\u003e"; break;
      case '&': safe += "\\u0026"; break;
      default: safe += json[i];
    }
    ++i;
  }
  return safe;
}

std::string fill_page(std::string_view page, std::string_view title, std::string_view document_json) {
  const size_t title_at = hole_in(page, kTitleHole);
  const size_t document_at = hole_in(page, kDocumentHole);
  if (document_at < title_at) throw std::logic_error("the report's template has its title after its document");
  const size_t after_title = title_at + kTitleHole.size();
  std::string html(page.substr(0, title_at));
  html += html_escaped(title);
  html += page.substr(after_title, document_at - after_title);
  html += script_safe_json(document_json);
  html += page.substr(document_at + kDocumentHole.size());
  return html;
}

}  // namespace smol
