// Markers and boxes: ISO/IEC 15444-1, annexes A and I.
#include "smol/media/jpeg2000_headers.h"

#include <algorithm>
#include <bitset>
#include <limits>

namespace smol {
namespace {

enum Marker : uint32_t {
  kSoc = 0xff4f,
  kSot = 0xff90,
  kSod = 0xff93,
  kEoc = 0xffd9,
  kSiz = 0xff51,
  kCod = 0xff52,
  kCoc = 0xff53,
};

constexpr int kMaxTiles = 65535;

ItemError corrupt(const char* message) { return {ItemErrorCode::kCorrupt, message}; }
ItemError truncated() { return {ItemErrorCode::kTruncated, "the file ends before the picture does"}; }
ItemError unsupported(const char* message) { return {ItemErrorCode::kUnsupportedFormat, message}; }

// Big-endian numbers of a marker segment or box; what is not there is 0, and remembered.
class FieldReader {
 public:
  explicit FieldReader(Bytes bytes) : bytes_(bytes), numbers_(bytes, true) {}
  uint32_t u8() { return take(numbers_.u8(offset_), 1); }
  uint32_t u16() { return take(numbers_.u16(offset_), 2); }
  uint32_t u32() { return take(numbers_.u32(offset_), 4); }
  bool complete() const { return complete_; }
  bool at_end() const { return offset_ >= bytes_.size(); }

 private:
  uint32_t take(std::optional<uint32_t> number, size_t width) {
    offset_ += width;
    complete_ = complete_ && number.has_value();
    return number.value_or(0);
  }

  Bytes bytes_;
  NumberReader numbers_;
  size_t offset_ = 0;
  bool complete_ = true;
};

Status read_size(Bytes segment, Jpeg2000Header& header) {
  FieldReader fields(segment);
  fields.u16();  // capabilities
  const uint32_t right = fields.u32(), bottom = fields.u32(), left = fields.u32(), top = fields.u32();
  const uint32_t tile_width = fields.u32(), tile_height = fields.u32();
  const uint32_t tile_left = fields.u32(), tile_top = fields.u32();
  const uint32_t count = fields.u16();
  if (!fields.complete()) return corrupt("the size segment is too short");
  if (left >= right || top >= bottom) return corrupt("a picture without pixels");
  if (std::max(right, bottom) > uint32_t{std::numeric_limits<int>::max()} / 2) {
    return ItemError{ItemErrorCode::kTooManyPixels, "a side of a thousand million pixels"};
  }
  if (tile_width == 0 || tile_height == 0 || tile_left > left || tile_top > top ||
      uint64_t{tile_left} + tile_width <= left || uint64_t{tile_top} + tile_height <= top) {
    return corrupt("the first tile does not hold the first pixel");
  }
  const auto tiles_of = [](uint32_t length, uint32_t side) { return (uint64_t{length} + side - 1) / side; };
  const uint64_t across = tiles_of(right - tile_left, tile_width), down = tiles_of(bottom - tile_top, tile_height);
  if (across > kMaxTiles || down > kMaxTiles || across * down > kMaxTiles) return corrupt("more than 65535 tiles");
  header.left = static_cast<int>(left);
  header.top = static_cast<int>(top);
  header.size = {static_cast<int>(bottom - top), static_cast<int>(right - left)};
  header.tile = {static_cast<int>(std::min<uint32_t>(tile_height, header.size.height)),
                 static_cast<int>(std::min<uint32_t>(tile_width, header.size.width))};
  header.tiles = static_cast<int>(across * down);
  if (count == 0) return corrupt("no components");
  if (count > header.components.size()) return unsupported("more than 4 components");
  header.component_count = static_cast<int>(count);
  bool has_full_size = false;
  for (Jpeg2000Component& component : std::span(header.components).first(count)) {
    const uint32_t depth = fields.u8(), step_x = fields.u8(), step_y = fields.u8();
    if (!fields.complete()) return corrupt("the size segment is too short");
    if (step_x == 0 || step_y == 0) return corrupt("a component without samples");
    const auto is_known = [](uint32_t step) { return step == 1 || step == 2 || step == 4; };
    if (!is_known(step_x) || !is_known(step_y)) return unsupported("subsampling other than 1, 2 and 4");
    component = {static_cast<int>(depth & 127) + 1, depth >= 128, static_cast<int>(step_x), static_cast<int>(step_y)};
    if (component.depth > 16) return unsupported("more than 16 bits per sample");
    has_full_size = has_full_size || (step_x == 1 && step_y == 1);
  }
  if (!has_full_size) return unsupported("no component at full size");
  const Size step = header.max_step();
  if (header.left % step.width != 0 || header.top % step.height != 0) {
    return unsupported("subsampling that begins between two samples");
  }
  return ok_status();
}

// The part that COD and COC share, from the number of levels on.
Status read_block_coding(FieldReader& fields, bool has_precincts, Jpeg2000Coding& coding) {
  const int levels = static_cast<int>(fields.u8());
  const uint32_t width = fields.u8() + 2, height = fields.u8() + 2;
  fields.u8();  // style
  fields.u8();  // transform
  if (levels > 32 || width > 10 || height > 10 || width + height > 12) return corrupt("impossible block sizes");
  coding.min_levels = std::min(coding.min_levels, levels);
  coding.max_levels = std::max(coding.max_levels, levels);
  coding.block_width = std::min(coding.block_width, 1 << width);
  coding.block_height = std::min(coding.block_height, 1 << height);
  for (size_t i = 0; has_precincts && i <= static_cast<size_t>(levels); ++i) {
    const uint32_t sides = fields.u8();
    coding.precinct_x[i] = std::min<uint8_t>(coding.precinct_x[i], sides & 15);
    coding.precinct_y[i] = std::min<uint8_t>(coding.precinct_y[i], static_cast<uint8_t>(sides >> 4));
  }
  return fields.complete() ? ok_status() : Status(corrupt("a coding segment is too short"));
}

Status read_coding(uint32_t marker, Bytes segment, Jpeg2000Coding& coding) {
  FieldReader fields(segment);
  if (marker == kCoc) {
    fields.u8();  // which component
  }
  const bool has_precincts = (fields.u8() & 1) != 0;
  if (marker == kCod) {
    fields.u8();  // progression order
    coding.layers = std::max(coding.layers, static_cast<int>(fields.u16()));
    fields.u8();  // component transform
  }
  return read_block_coding(fields, has_precincts, coding);
}

// Walks over segments up to the marker `last`; the offset of that.
Result<size_t> read_segments(Bytes stream, size_t offset, uint32_t last, Jpeg2000Header& header) {
  const NumberReader numbers(stream, true);
  for (;;) {
    const auto marker = numbers.u16(offset);
    if (!marker) return truncated();
    if (*marker == last) return offset;
    const auto length = numbers.u16(offset + 2);
    if (*marker < 0xff00) return corrupt("something else where a marker should be");
    if (!length || *length > stream.size() - offset - 2) return truncated();
    if (*length < 2) return corrupt("a segment shorter than its length");
    const Bytes segment = stream.subspan(offset + 4, *length - 2);
    if (*marker == kSiz) return corrupt("a second size segment");
    if (*marker == kCod || *marker == kCoc) {
      if (const Status status = read_coding(*marker, segment, header.coding); !status.ok()) return status.error();
    }
    offset += 2 + *length;
  }
}

// From the first tile-part to the end marker.
Status read_tile_parts(Bytes stream, size_t offset, Jpeg2000Header& header) {
  const NumberReader numbers(stream, true);
  std::bitset<kMaxTiles> seen;
  for (;;) {
    const auto marker = numbers.u16(offset);
    if (!marker) return truncated();
    if (*marker == kEoc) break;
    if (*marker != kSot) return corrupt("something else where a tile should begin");
    const auto tile = numbers.u16(offset + 4);
    const auto length = numbers.u32(offset + 6);
    if (!tile || !length) return truncated();
    if (*tile >= static_cast<uint32_t>(header.tiles)) return corrupt("a tile outside the picture");
    const Result<size_t> data = read_segments(stream, offset + 12, kSod, header);
    if (!data.ok()) return data.error();
    seen.set(*tile);
    if (*length == 0) {  // the last one, up to the end marker, which coded data cannot hold
      static constexpr std::array kEnd = {std::byte{0xff}, std::byte{0xd9}};
      const auto end =
          std::search(stream.begin() + static_cast<ptrdiff_t>(*data), stream.end(), kEnd.begin(), kEnd.end());
      if (end == stream.end()) return truncated();
      break;
    }
    if (offset + *length > stream.size()) return truncated();
    if (offset + *length < *data + 2) return corrupt("a tile shorter than its header");
    offset += *length;
  }
  if (seen.count() != static_cast<size_t>(header.tiles)) return corrupt("tiles are missing");
  return ok_status();
}

Status read_codestream(Bytes stream, Jpeg2000Header& header) {
  const NumberReader numbers(stream, true);
  const auto length = numbers.u16(4);
  if (!length || *length > stream.size() - 4) return truncated();
  if (numbers.u16(0) != kSoc || numbers.u16(2) != kSiz || *length < 2) return corrupt("no size at the beginning");
  if (const Status status = read_size(stream.subspan(6, *length - 2), header); !status.ok()) return status;
  const Result<size_t> tiles = read_segments(stream, 4 + *length, kSot, header);
  if (!tiles.ok()) return tiles.error();
  if (const Status status = read_tile_parts(stream, *tiles, header); !status.ok()) header.damage = status.error();
  return ok_status();
}

struct Box {
  uint32_t type = 0;
  Bytes content;
  size_t end = 0;  // where the next one begins
  bool whole = true;
};

constexpr uint32_t type_of(const char (&text)[5]) {
  return uint32_t(text[0]) << 24 | uint32_t(text[1]) << 16 | uint32_t(text[2]) << 8 | uint32_t(text[3]);
}

// Offset inside of `bytes`.
Result<Box> read_box(Bytes bytes, size_t offset) {
  const NumberReader numbers(bytes, true);
  const auto length = numbers.u32(offset), type = numbers.u32(offset + 4);
  if (!length || !type) return truncated();
  uint64_t box_bytes = *length;
  size_t header_bytes = 8;
  if (*length == 1) {
    const auto high = numbers.u32(offset + 8), low = numbers.u32(offset + 12);
    if (!high || !low) return truncated();
    box_bytes = uint64_t{*high} << 32 | *low;
    header_bytes = 16;
  }
  const size_t left = bytes.size() - offset;
  if (*length == 0) box_bytes = left;  // to the end of the file
  if (box_bytes < header_bytes) return corrupt("a box shorter than its header");
  const auto present = static_cast<size_t>(std::min<uint64_t>(box_bytes, left));
  return Box{*type, bytes.subspan(offset + header_bytes, present - header_bytes), offset + present,
             box_bytes <= left};
}

void read_colour(Bytes content, Jpeg2000Header& header) {
  FieldReader fields(content);
  const uint32_t method = fields.u8();
  fields.u16();  // precedence, approximation
  const uint32_t space = fields.u32();
  if (method != 1 || !fields.complete() || header.colour != Jpeg2000Colour::kUnknown) return;
  header.colour = space == 16   ? Jpeg2000Colour::kRgb
                  : space == 17 ? Jpeg2000Colour::kGrey
                  : space == 18 ? Jpeg2000Colour::kSycc
                                : Jpeg2000Colour::kOther;
}

Status read_header_boxes(Bytes content, Jpeg2000Header& header) {
  for (size_t offset = 0; offset < content.size();) {
    const Result<Box> box = read_box(content, offset);
    if (!box.ok()) return corrupt("a broken box in the header");
    FieldReader fields(box->content);
    if (box->type == type_of("colr")) read_colour(box->content, header);
    if (box->type == type_of("pclr")) header.has_palette = true;
    if (box->type == type_of("cdef")) {
      fields.u16();  // how many
      while (!fields.at_end()) {
        fields.u16();  // channel
        const uint32_t kind = fields.u16();
        fields.u16();  // of which colour
        if (kind == 2) return unsupported("colours multiplied by their opacity");
        header.has_alpha = header.has_alpha || kind == 1;
      }
    }
    offset = box->end;
  }
  return ok_status();
}

}  // namespace

Size Jpeg2000Header::max_step() const {
  Size step{1, 1};
  for (const Jpeg2000Component& component : used_components()) {
    step = {std::max(step.height, component.step_y), std::max(step.width, component.step_x)};
  }
  return step;
}

int Jpeg2000Header::levels() const {
  const Size step = max_step();
  int levels = 0;
  while (levels < std::min(coding.min_levels, 5) && left % (step.width << (levels + 1)) == 0 &&
         top % (step.height << (levels + 1)) == 0) {
    ++levels;
  }
  return levels;
}

Result<Jpeg2000Header> read_jpeg2000_header(Bytes bytes) {
  Jpeg2000Header header;
  header.boxed = !holds(bytes, 0, "\xff\x4f");
  Bytes stream = bytes;
  bool has_header_box = false;
  for (size_t offset = 0; header.boxed;) {
    if (offset >= bytes.size()) return truncated();
    const Result<Box> box = read_box(bytes, offset);
    if (!box.ok()) return box.error();
    stream = box->content;
    if (box->type == type_of("jp2c")) break;
    if (!box->whole) return truncated();
    if (box->type == type_of("jp2h")) {
      has_header_box = true;
      if (const Status status = read_header_boxes(stream, header); !status.ok()) return status.error();
    }
    offset = box->end;
  }
  if (header.boxed && !has_header_box) return corrupt("no header before the picture");
  if (const Status status = read_codestream(stream, header); !status.ok()) return status.error();
  return header;
}

}  // namespace smol
