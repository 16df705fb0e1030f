// The page of `smol report` with two holes, bundled by tools/report/build.js when smol is built.
#pragma once

#include <string_view>

namespace smol {

inline constexpr std::string_view kTitleHole = "@@TITLE@@";        // text of an HTML element
inline constexpr std::string_view kDocumentHole = "@@DOCUMENT@@";  // JSON inside a <script> that is never run

std::string_view report_template();

}  // namespace smol
