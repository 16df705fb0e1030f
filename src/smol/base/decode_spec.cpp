#include "smol/base/decode_spec.h"

#include <charconv>

#include "smol/base/error.h"

namespace smol {
namespace {

constexpr std::string_view kScale = "1/";
constexpr std::string_view kScans = "scans=";

// The number behind `prefix`; 0 if there is none, or more than a number.
int number_behind(std::string_view prefix, std::string_view text) {
  if (!text.starts_with(prefix)) return 0;
  text.remove_prefix(prefix.size());
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number > 0 ? number : 0;
}

}  // namespace

std::string to_string(const DecodeSpec& spec) {
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : "+") + part; };
  if (spec.thumbnail) add("thumbnail");
  if (spec.scale_denominator != 1) add(std::string(kScale) + std::to_string(spec.scale_denominator));
  if (spec.first_scans != 0) add(std::string(kScans) + std::to_string(spec.first_scans));
  if (spec.skip_filters) add(spec.keep_reference_filters ? "no-filters=nonref" : "no-filters");
  return text.empty() ? "full" : text;
}

DecodeSpec parse_decode_spec(std::string_view text) {
  DecodeSpec spec;
  const std::string whole(text);
  while (true) {
    const std::string_view part = text.substr(0, text.find('+'));
    const int denominator = number_behind(kScale, part);
    const int scans = number_behind(kScans, part);
    if (part == "thumbnail") {
      spec.thumbnail = true;
    } else if (part == "no-filters") {
      spec.skip_filters = true;
    } else if (part == "no-filters=nonref") {
      spec.skip_filters = true;
      spec.keep_reference_filters = true;
    } else if (denominator == 1 || denominator == 2 || denominator == 4 || denominator == 8 || denominator == 16 ||
               denominator == 32) {
      spec.scale_denominator = denominator;
    } else if (scans > 0) {
      spec.first_scans = scans;
    } else if (part != "full") {
      throw Error(ErrorCode::kUsage,
                  "a way to decode must be full, 1/2, 1/4, 1/8, 1/16, 1/32, scans=N, thumbnail, no-filters or "
                  "no-filters=nonref, or several of these joined by +: " +
                      whole);
    }
    if (part.size() == text.size()) return spec;
    text.remove_prefix(part.size() + 1);
  }
}

}  // namespace smol
