// Where the scans of a JPEG stand, and which bytes of a progressive one a cheaper decode can do without.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "smol/base/decode_spec.h"
#include "smol/media/jpeg_library.h"

namespace smol {

struct JpegScan {
  size_t begin = 0;  // its SOS marker
  size_t end = 0;    // the first marker behind its entropy-coded data
  int component_count = 0;
  std::array<int, 4> components{};  // their ids
  int first_coefficient = 0;        // spectral selection, both ends included
  int last_coefficient = 63;
  int low_bit = 0;  // successive approximation: the lowest bit that is known afterwards
};

// Walks from marker to marker; entropy-coded data are searched for the next one, not decoded. False, and `scans` is
// unspecified, if the file has no end marker, no scan or more than max_scans, or makes no sense. Allocates only when
// there are more scans than ever before.
bool find_jpeg_scans(std::span<const std::byte> jpeg, int max_scans, std::vector<JpegScan>& scans);

// The parts of a file that are decoded one after the other as if they were the file.
struct JpegParts {
  std::vector<std::span<const std::byte>> parts;  // none: all of the file is needed
  // Decode without libjpeg's smoothing across blocks, which would estimate what is left out.
  bool without_smoothing = false;
};

// What `spec` needs of a progressive file whose header `info` has read and whose scans are known:
// - first_scans: these scans, if there are more. They are smoothed while a component has no AC coefficients yet
//   (0.2 to 1.6 dB nearer to the full decode), not later (0.05 dB farther, and a fifth of the time);
// - scale 1/8: not the AC scans of components of which one pixel a block is made, as that is their DC coefficient.
//   Bit-identical, so it is done whenever the scale is asked for; not for files whose scans leave bits unknown, where
//   libjpeg's smoothing estimates them across blocks.
// Throws nothing, allocates as find_jpeg_scans() does.
void select_jpeg_parts(std::span<const std::byte> jpeg, const std::vector<JpegScan>& scans, const DecodeSpec& spec,
                       const jpeg_decompress_struct& info, JpegParts& out);

}  // namespace smol
