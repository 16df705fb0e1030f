// What the boxes and markers of a JPEG 2000 file say, read without the library: before it may take memory.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "smol/base/geometry.h"
#include "smol/base/result.h"
#include "smol/media/bytes.h"

namespace smol {

struct Jpeg2000Component {
  int depth = 8;
  bool is_signed = false;
  int step_x = 1;  // a sample serves step_x x step_y pixels: 1, 2 or 4
  int step_y = 1;
};

enum class Jpeg2000Colour : uint8_t { kUnknown, kGrey, kRgb, kSycc, kOther };

// How the samples are cut into blocks: of all that the components and tiles of a file say, the dearest.
struct Jpeg2000Coding {
  int min_levels = 32;  // halvings of the size that every component of every tile has
  int max_levels = 0;
  int layers = 1;
  int block_width = 1024;
  int block_height = 1024;
  std::array<uint8_t, 33> precinct_x;  // logarithms of the sides, by resolution, smallest first
  std::array<uint8_t, 33> precinct_y;
  Jpeg2000Coding() {
    precinct_x.fill(15);
    precinct_y.fill(15);
  }
};

struct Jpeg2000Header {
  bool boxed = false;  // .jp2, not a raw codestream
  // Of boxes:
  Jpeg2000Colour colour = Jpeg2000Colour::kUnknown;
  bool has_palette = false;
  bool has_alpha = false;
  // Of the codestream:
  int left = 0;  // of the picture on the reference grid
  int top = 0;
  Size size;
  Size tile;
  int tiles = 0;
  int component_count = 0;
  std::array<Jpeg2000Component, 4> components;
  Jpeg2000Coding coding;
  // kTruncated or kCorrupt if the tiles do not reach to the end of the codestream.
  std::optional<ItemError> damage;

  std::span<const Jpeg2000Component> used_components() const { return {components.data(), size_t(component_count)}; }
  Size max_step() const;
  // How many times the decoder can halve the picture; 0 unless the halves begin where the picture does.
  int levels() const;
};

// Any bytes may be given. Errors: kTruncated, kCorrupt, kUnsupportedFormat (more than 4 components or 16 bit, other
// subsampling), kTooManyPixels (sides that do not fit in 31 bits).
Result<Jpeg2000Header> read_jpeg2000_header(Bytes bytes);

// kUnsupportedFormat for headers that cost memory or time out of proportion to their pixels: tiny tiles, blocks and
// precincts, thousands of layers.
Status check_jpeg2000_cost(const Jpeg2000Header& header);

}  // namespace smol
