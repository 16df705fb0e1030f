#include "smol/media/heif_boxes.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace smol {
namespace {

constexpr std::array<std::string_view, 10> kPlainProperties = {"hvcC", "av1C", "ispe", "pixi", "colr",
                                                               "pasp", "auxC", "clli", "mdcv", "cclv"};
constexpr size_t kHeaderBytes = 8;
constexpr size_t kVersionBytes = 4;  // and flags

std::string_view text(Bytes bytes, size_t offset) {
  return {reinterpret_cast<const char*>(bytes.data()) + offset, size_t{4}};
}

// Calls `box` with type and contents of each, while it answers true. false: it did not, or they do not fill the
// bytes.
template <typename Box>
bool all_boxes(Bytes bytes, Box&& box) {
  while (!bytes.empty()) {
    if (bytes.size() < kHeaderBytes) return false;
    size_t size = *NumberReader(bytes, true).u32(0);
    if (size == 0) size = bytes.size();                            // to the end
    if (size < kHeaderBytes || size > bytes.size()) return false;  // 64-bit sizes too: such files are large
    if (!box(text(bytes, 4), bytes.subspan(kHeaderBytes, size - kHeaderBytes))) return false;
    bytes = bytes.subspan(size);
  }
  return true;
}

struct Contents {
  int coded = 0;  // items
  int grids = 0;
  bool has_colours = false;
  bool has_properties = false;
  bool is_single_cell = false;  // what a grid says of itself
};

// iinf: infe boxes from version 2 on.
bool read_items(Bytes info, Contents& contents) {
  if (info.size() < kVersionBytes) return false;
  const size_t count_bytes = info[0] == std::byte{0} ? 2 : 4;
  if (info.size() < kVersionBytes + count_bytes) return false;
  return all_boxes(info.subspan(kVersionBytes + count_bytes), [&contents](std::string_view type, Bytes entry) {
    if (type != "infe" || entry.empty()) return false;
    const auto version = std::to_integer<int>(entry[0]);
    const size_t type_at = kVersionBytes + (version == 3 ? 4 : 2) + 2;  // item_ID, item_protection_index
    if ((version != 2 && version != 3) || entry.size() < type_at + 4) return false;
    const std::string_view item = text(entry, type_at);
    contents.coded += item == "hvc1" || item == "av01";
    contents.grids += item == "grid";
    return item == "hvc1" || item == "av01" || item == "grid" || item == "Exif" || item == "mime";
  });
}

bool read_properties(Bytes properties, Contents& contents) {
  return all_boxes(properties, [&contents](std::string_view type, Bytes part) {
    if (type != "ipco") return type == "ipma";
    contents.has_properties = true;
    return all_boxes(part, [&contents](std::string_view property, Bytes) {
      contents.has_colours = contents.has_colours || property == "colr";
      return std::find(kPlainProperties.begin(), kPlainProperties.end(), property) != kPlainProperties.end();
    });
  });
}

// ImageGrid: version, flags, rows less one, columns less one.
bool is_single_cell(Bytes data) {
  const NumberReader numbers(data, true);
  return numbers.u8(0) == 0u && numbers.u16(2) == 0u;
}

bool read_meta(Bytes meta, Contents& contents) {
  if (meta.size() < kVersionBytes) return false;
  return all_boxes(meta.subspan(kVersionBytes), [&contents](std::string_view type, Bytes part) {
    if (type == "iinf") return read_items(part, contents);
    if (type == "iprp") return read_properties(part, contents);
    if (type == "idat") contents.is_single_cell = is_single_cell(part);
    return true;
  });
}

}  // namespace

HeifStructure heif_structure(Bytes file) {
  Contents contents;
  const bool all = all_boxes(
      file, [&contents](std::string_view type, Bytes part) { return type != "meta" || read_meta(part, contents); });
  if (!all || contents.coded == 0 || !contents.has_properties) return HeifStructure::kOther;
  if (contents.grids == 0) return HeifStructure::kPlain;
  // Whose colours count, the grid's or the tile's, is libheif's business.
  const bool is_one_tile =
      contents.grids == 1 && contents.coded == 1 && contents.is_single_cell && !contents.has_colours;
  return is_one_tile ? HeifStructure::kOneTile : HeifStructure::kOther;
}

}  // namespace smol
