#include <charconv>

#include "smol/base/error.h"
#include "smol/engine/render.h"

namespace smol {
namespace {

constexpr int kMaxShortSide = 65'500;

[[noreturn]] void refuse(std::string_view what, std::string_view text) {
  throw Error(ErrorCode::kUsage,
              "--to: " + std::string(what) +
                  ", as in thumb161:short=161,format=png or q75:format=jpeg,q=75: " + std::string(text));
}

int number(std::string_view value, int highest, std::string_view what, std::string_view text) {
  int parsed = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
  if (error != std::errc() || end != value.data() + value.size() || parsed < 1 || parsed > highest) {
    refuse(std::string(what) + " is 1 to " + std::to_string(highest), text);
  }
  return parsed;
}

}  // namespace

RenderTarget parse_render_target(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == text.npos) refuse("it takes NAME:KEY=VALUE,...", text);
  RenderTarget target;
  target.name = text.substr(0, colon);
  bool has_format = false;
  bool has_quality = false;
  for (std::string_view rest = text.substr(colon + 1); !rest.empty();) {
    const std::string_view part = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    const size_t equals = std::min(part.find('='), part.size());
    const std::string_view key = part.substr(0, equals);
    const std::string_view value = part.substr(std::min(equals + 1, part.size()));
    if (key == "short") {
      target.short_side = number(value, kMaxShortSide, "short (pixels)", text);
    } else if (key == "q") {
      target.quality = number(value, 100, "q (JPEG quality)", text);
      has_quality = true;
    } else if (key == "format" && (value == "png" || value == "jpeg")) {
      target.format = value == "png" ? StoredFormat::kPng : StoredFormat::kJpeg;
      has_format = true;
    } else if (key == "filter" && (value == "bilinear" || value == "bicubic")) {
      target.filter = value == "bilinear" ? ResizeFilter::kBilinear : ResizeFilter::kBicubic;
    } else {
      refuse("keys are short=PIXELS, format=png|jpeg, q=1..100, filter=bilinear|bicubic", text);
    }
  }
  if (!has_format) refuse("format=png or format=jpeg is missing", text);
  if (has_quality && target.format == StoredFormat::kPng) refuse("q is for JPEG", text);
  rendition_of(target);  // checks the name
  return target;
}

std::string to_string(const RenderTarget& target) {
  std::string text = target.name + ":";
  if (target.short_side > 0) text += "short=" + std::to_string(target.short_side) + ",";
  text += target.format == StoredFormat::kPng ? "format=png" : "format=jpeg,q=" + std::to_string(target.quality);
  if (target.short_side > 0 && target.filter == ResizeFilter::kBicubic) text += ",filter=bicubic";
  return text;
}

Rendition rendition_of(const RenderTarget& target) {
  return parse_rendition(target.name, target.name + "/{id}" + (target.format == StoredFormat::kPng ? ".png" : ".jpg"),
                         "--to");
}

}  // namespace smol
