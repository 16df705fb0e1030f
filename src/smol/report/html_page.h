// A report's HTML: the template with a title and a JSON document in it. Pure; nothing from data can end the element
// that holds it.
#pragma once

#include <string>
#include <string_view>

namespace smol {

// Text between tags or in a quoted attribute: & < > " ' become entities.
std::string html_escaped(std::string_view text);

// JSON that may stand in a <script>: < > & and the line separators U+2028 and U+2029 become \u escapes, which are the
// same JSON.
std::string script_safe_json(std::string_view json);

// `page` has each hole once (report_template.h). `document_json` is JSON text, UTF-8.
std::string fill_page(std::string_view page, std::string_view title, std::string_view document_json);

}  // namespace smol
