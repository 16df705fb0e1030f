#include "smol/media/jpeg_headers.h"

#include <algorithm>
#include <string>

#include "smol/media/bytes.h"

namespace smol {
namespace {

ItemError corrupt(std::string message) { return {ItemErrorCode::kCorrupt, std::move(message)}; }
ItemError truncated() { return {ItemErrorCode::kTruncated, "the file ends before the first scan"}; }

bool is_frame_header(uint32_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

Status read_frame(Bytes body, uint32_t marker, JpegHeaders& headers) {
  const NumberReader numbers(body, true);
  if (body.size() < 6) return corrupt("the frame header is too short");
  headers.bits_per_sample = static_cast<int>(*numbers.u8(0));
  headers.size = {static_cast<int>(*numbers.u16(1)), static_cast<int>(*numbers.u16(3))};
  headers.component_count = static_cast<int>(*numbers.u8(5));
  headers.progressive = marker == 0xc2 || marker == 0xc6 || marker == 0xca || marker == 0xce;
  if (headers.size.height == 0 || headers.size.width == 0) return corrupt("the frame header has a size of 0");
  const auto count = static_cast<size_t>(headers.component_count);
  if (body.size() != 6 + 3 * count) return corrupt("the frame header has a wrong length");
  for (size_t i = 0; i < std::min(count, headers.components.size()); ++i) {
    const uint32_t factors = *numbers.u8(6 + 3 * i + 1);
    headers.components[i] = {*numbers.u8(6 + 3 * i), static_cast<int>(factors >> 4), static_cast<int>(factors & 15)};
    const auto bad = [](int factor) { return factor < 1 || factor > 4; };
    if (bad(headers.components[i].horizontal) || bad(headers.components[i].vertical)) {
      return corrupt("the frame header has a sampling factor outside 1..4");
    }
  }
  if (count != 1 && count != 3 && count != 4) {
    return ItemError{ItemErrorCode::kUnsupportedFormat, "JPEG with " + std::to_string(count) + " components"};
  }
  return ok_status();
}

void read_application_segment(Bytes body, uint32_t marker, JpegHeaders& headers) {
  static constexpr std::string_view kExif("Exif\0\0", 6);
  static constexpr std::string_view kXmp("http://ns.adobe.com/xap/1.0/\0", 29);
  if (marker == 0xe0 && body.size() >= 14 && holds(body, 0, std::string_view("JFIF\0", 5))) headers.has_jfif = true;
  if (marker == 0xe1 && holds(body, 0, kExif) && headers.exif.empty()) headers.exif = body.subspan(kExif.size());
  if (marker == 0xe1 && holds(body, 0, kXmp)) headers.xmp = body.subspan(kXmp.size());
  if (marker == 0xee && body.size() >= 12 && holds(body, 0, "Adobe")) {
    headers.adobe_transform = std::to_integer<int>(body[11]);
  }
}

}  // namespace

Result<JpegHeaders> read_jpeg_headers(std::span<const std::byte> jpeg) {
  const NumberReader numbers(jpeg, true);
  if (numbers.u16(0) != 0xffd8u) return corrupt("the file does not begin as a JPEG");
  JpegHeaders headers;
  bool has_frame = false;
  for (size_t offset = 2;;) {
    if (numbers.u8(offset).value_or(0xff) != 0xff) return corrupt("bytes between the segments");
    while (numbers.u8(offset) == 0xffu) ++offset;  // any number of fill bytes
    const auto marker = numbers.u8(offset);
    if (!marker) return truncated();
    ++offset;
    if (*marker == 0x01 || (*marker >= 0xd0 && *marker <= 0xd7)) continue;  // segments without a body
    if (*marker == 0xd8 || *marker == 0xd9 || *marker < 0xc0)
      return corrupt("unexpected marker before the first scan");
    if (*marker == 0xda) return has_frame ? Result<JpegHeaders>(headers) : corrupt("a scan without a frame header");
    const auto length = numbers.u16(offset);
    if (!length) return truncated();
    if (*length < 2) return corrupt("a segment with a length below 2");
    if (*length > jpeg.size() - offset) return truncated();
    const Bytes body = jpeg.subspan(offset + 2, *length - 2);
    offset += *length;
    if (is_frame_header(*marker)) {
      if (has_frame) return corrupt("two frame headers");
      has_frame = true;
      if (const Status status = read_frame(body, *marker, headers); !status.ok()) return status.error();
    } else if (*marker == 0xdd) {
      headers.restart_interval = static_cast<int>(NumberReader(body, true).u16(0).value_or(0));
    } else {
      read_application_segment(body, *marker, headers);
    }
  }
}

ColourModel JpegHeaders::colour() const {
  if (component_count == 1) return ColourModel::kGrey;
  if (component_count == 4) {
    return adobe_transform > 0 ? ColourModel::kYcck : ColourModel::kCmyk;
  }
  if (has_jfif) return ColourModel::kYcbcr;
  if (adobe_transform >= 0) return adobe_transform == 0 ? ColourModel::kRgb : ColourModel::kYcbcr;
  const bool named_rgb = components[0].id == 'R' && components[1].id == 'G' && components[2].id == 'B';
  return named_rgb ? ColourModel::kRgb : ColourModel::kYcbcr;
}

ChromaSubsampling JpegHeaders::subsampling() const {
  if (component_count < 3) return ChromaSubsampling::kNone;
  const auto& [first, second, third, fourth] = components;
  if (second.horizontal != third.horizontal || second.vertical != third.vertical) return ChromaSubsampling::kOther;
  if (component_count == 4 && (fourth.horizontal != first.horizontal || fourth.vertical != first.vertical)) {
    return ChromaSubsampling::kOther;
  }
  if (first.horizontal % second.horizontal != 0 || first.vertical % second.vertical != 0) {
    return ChromaSubsampling::kOther;
  }
  const ColourModel model = colour();
  switch (first.horizontal / second.horizontal * 10 + first.vertical / second.vertical) {
    case 11:
      return model == ColourModel::kYcbcr || model == ColourModel::kYcck ? ChromaSubsampling::k444
                                                                         : ChromaSubsampling::kNone;
    case 12: return ChromaSubsampling::k440;
    case 21: return ChromaSubsampling::k422;
    case 22: return ChromaSubsampling::k420;
    case 41: return ChromaSubsampling::k411;
    case 42: return ChromaSubsampling::k410;
    default: return ChromaSubsampling::kOther;
  }
}

}  // namespace smol
