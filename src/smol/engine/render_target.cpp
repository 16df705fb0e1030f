#include <charconv>

#include "smol/base/error.h"
#include "smol/engine/render.h"

namespace smol {
namespace {

constexpr int kMaxShortSide = 65'500;

[[noreturn]] void refuse(std::string_view what, std::string_view text) {
  throw Error(ErrorCode::kUsage,
              "--to: " + std::string(what) +
                  ", as in thumb161:short=161,format=png, q75:format=jpeg,q=75 or 480p:short=480,format=mp4: " +
                  std::string(text));
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
  bool has_crf = false;
  bool has_filter = false;
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
    } else if (key == "crf") {
      target.crf = number(value, 51, "crf (of x264)", text);
      has_crf = true;
    } else if (key == "format" && (value == "png" || value == "jpeg" || value == "mp4")) {
      target.format = value == "png"    ? StoredFormat::kPng
                      : value == "jpeg" ? StoredFormat::kJpeg
                                        : StoredFormat::kMp4;
      has_format = true;
    } else if (key == "filter" && (value == "bilinear" || value == "bicubic")) {
      target.filter = value == "bilinear" ? ResizeFilter::kBilinear : ResizeFilter::kBicubic;
      has_filter = true;
    } else {
      refuse("keys are short=PIXELS, format=png|jpeg|mp4, q=1..100, crf=1..51, filter=bilinear|bicubic", text);
    }
  }
  if (!has_format) refuse("format=png, format=jpeg or format=mp4 is missing", text);
  if (has_quality && target.format != StoredFormat::kJpeg) refuse("q is for JPEG", text);
  if (has_crf && target.format != StoredFormat::kMp4) refuse("crf is for MP4", text);
  if (has_filter && target.format == StoredFormat::kMp4) refuse("filter is for pictures", text);
  rendition_of(target);  // checks the name
  return target;
}

std::string to_string(const RenderTarget& target) {
  std::string text = target.name + ":";
  if (target.short_side > 0) text += "short=" + std::to_string(target.short_side) + ",";
  switch (target.format) {
    case StoredFormat::kPng: text += "format=png"; break;
    case StoredFormat::kJpeg: text += "format=jpeg,q=" + std::to_string(target.quality); break;
    case StoredFormat::kMp4: text += "format=mp4,crf=" + std::to_string(target.crf); break;
  }
  if (target.short_side > 0 && target.filter == ResizeFilter::kBicubic) text += ",filter=bicubic";
  return text;
}

Rendition rendition_of(const RenderTarget& target) {
  constexpr const char* kSuffixes[] = {".png", ".jpg", ".mp4"};
  return parse_rendition(target.name, target.name + "/{id}" + kSuffixes[static_cast<size_t>(target.format)], "--to");
}

}  // namespace smol
