#include "smol/media/jpeg_scans.h"

#include <algorithm>
#include <cstring>

#include "smol/media/bytes.h"

namespace smol {
namespace {

constexpr std::array<std::byte, 2> kEndMarker = {std::byte{0xff}, std::byte{0xd9}};
constexpr int kCoefficients = 64;

// The first marker at or behind `offset` that does not belong to entropy-coded data: neither a stuffed 0xff nor a
// restart marker. Fill bytes in front belong to it. The file's size if there is none.
size_t find_marker(Bytes jpeg, size_t offset) {
  while (offset < jpeg.size()) {
    const void* found = std::memchr(jpeg.data() + offset, 0xff, jpeg.size() - offset);
    if (found == nullptr) return jpeg.size();
    const auto begin = static_cast<size_t>(static_cast<const std::byte*>(found) - jpeg.data());
    offset = begin;
    while (offset < jpeg.size() && jpeg[offset] == std::byte{0xff}) ++offset;
    if (offset == jpeg.size()) return offset;
    const auto code = std::to_integer<int>(jpeg[offset]);
    if (code != 0 && (code < 0xd0 || code > 0xd7)) return begin;
    ++offset;
  }
  return jpeg.size();
}

bool read_scan_header(Bytes body, JpegScan& scan) {
  const NumberReader numbers(body, true);
  const auto count = numbers.u8(0);
  if (!count || *count < 1 || *count > scan.components.size() || body.size() != 4 + 2 * *count) return false;
  scan.component_count = static_cast<int>(*count);
  for (size_t i = 0; i < *count; ++i) scan.components[i] = static_cast<int>(*numbers.u8(1 + 2 * i));
  scan.first_coefficient = static_cast<int>(*numbers.u8(1 + 2 * *count));
  scan.last_coefficient = static_cast<int>(*numbers.u8(2 + 2 * *count));
  scan.low_bit = static_cast<int>(*numbers.u8(3 + 2 * *count) & 15);
  return scan.first_coefficient <= scan.last_coefficient && scan.last_coefficient < kCoefficients;
}

bool holds_component(const JpegScan& scan, int id) {
  const auto end = scan.components.begin() + scan.component_count;
  return std::find(scan.components.begin(), end, id) != end;
}

// Whether `holds(lowest known bit)`, -1 if none is, for the coefficients [first, last] of every component.
template <typename Predicate>
bool all_coefficients(std::span<const JpegScan> scans, const jpeg_decompress_struct& info, int first, int last,
                      Predicate holds) {
  for (int i = 0; i < info.num_components; ++i) {
    std::array<int, kCoefficients> low_bits;
    low_bits.fill(-1);
    for (const JpegScan& scan : scans) {
      if (!holds_component(scan, info.comp_info[i].component_id)) continue;
      std::fill(low_bits.begin() + scan.first_coefficient, low_bits.begin() + scan.last_coefficient + 1,
                scan.low_bit);
    }
    if (!std::all_of(low_bits.begin() + first, low_bits.begin() + last + 1, holds)) return false;
  }
  return true;
}

bool tells_all_bits(std::span<const JpegScan> scans, const jpeg_decompress_struct& info) {
  return all_coefficients(scans, info, 0, kCoefficients - 1, [](int bit) { return bit == 0; });
}

// Whether every component has its first AC coefficients, maybe without their last bits.
bool tells_detail(std::span<const JpegScan> scans, const jpeg_decompress_struct& info) {
  constexpr int kFirst = 1;
  constexpr int kLast = 5;
  return all_coefficients(scans, info, kFirst, kLast, [](int bit) { return bit >= 0; });
}

// Output pixels a side that are made of a block of the component; 0 if there is no such component.
int block_pixels(const jpeg_decompress_struct& info, int id) {
  for (int i = 0; i < info.num_components; ++i) {
    if (info.comp_info[i].component_id != id) continue;
#if JPEG_LIB_VERSION >= 70
    return std::max(info.comp_info[i].DCT_h_scaled_size, info.comp_info[i].DCT_v_scaled_size);
#else
    return info.comp_info[i].DCT_scaled_size;
#endif
  }
  return 0;
}

bool is_needed(const JpegScan& scan, const jpeg_decompress_struct& info) {
  if (scan.first_coefficient == 0) return true;
  return scan.component_count != 1 || block_pixels(info, scan.components[0]) != 1;
}

}  // namespace

bool find_jpeg_scans(std::span<const std::byte> jpeg, int max_scans, std::vector<JpegScan>& scans) {
  scans.clear();
  const NumberReader numbers(jpeg, true);
  if (numbers.u16(0) != 0xffd8u) return false;
  for (size_t offset = 2;;) {
    const size_t begin = offset;
    if (numbers.u8(offset) != 0xffu) return false;
    while (numbers.u8(offset) == 0xffu) ++offset;
    const auto marker = numbers.u8(offset++);
    if (!marker) return false;
    if (*marker == 0xd9) return !scans.empty();
    if (*marker == 0x01) continue;
    if (*marker < 0xc0 || (*marker >= 0xd0 && *marker <= 0xd8)) return false;
    const auto length = numbers.u16(offset);
    if (!length || *length < 2 || *length > jpeg.size() - offset) return false;
    const Bytes body = jpeg.subspan(offset + 2, *length - 2);
    offset += *length;
    if (*marker != 0xda) continue;
    JpegScan scan{.begin = begin};
    if (static_cast<int>(scans.size()) == max_scans || !read_scan_header(body, scan)) return false;
    offset = scan.end = find_marker(jpeg, offset);
    scans.push_back(scan);
  }
}

void select_jpeg_parts(std::span<const std::byte> jpeg, const std::vector<JpegScan>& scans, const DecodeSpec& spec,
                       const jpeg_decompress_struct& info, JpegParts& out) {
  out.parts.clear();
  out.without_smoothing = false;
  if (spec.first_scans > 0 && static_cast<size_t>(spec.first_scans) < scans.size()) {
    const std::span<const JpegScan> first = std::span(scans).first(static_cast<size_t>(spec.first_scans));
    out.parts.push_back(jpeg.first(first.back().end));
    out.parts.emplace_back(kEndMarker);
    out.without_smoothing = tells_detail(first, info);
    return;
  }
  if (spec.scale_denominator != DCTSIZE || !tells_all_bits(scans, info)) return;
  size_t begin = 0;
  // The first scan stays in any case: its header has been read.
  for (size_t i = 1; i < scans.size(); ++i) {
    if (is_needed(scans[i], info)) continue;
    if (scans[i].begin > begin) out.parts.push_back(jpeg.subspan(begin, scans[i].begin - begin));
    begin = scans[i].end;
  }
  if (begin == 0) return;
  out.parts.push_back(jpeg.subspan(begin));
  out.without_smoothing = true;
}

}  // namespace smol
