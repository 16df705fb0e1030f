// What the structures of the library would take for a picture's header, before they are made.
#include <algorithm>

#include "smol/media/jpeg2000_headers.h"

namespace smol {
namespace {

// A tile costs some kilobytes before its first pixel, a block or precinct some hundred bytes, a packet a step of a
// loop and two bytes: with these, in all less than the decoded samples and some ten megabytes.
constexpr int64_t kPixelsPerTile = 1024;
constexpr int64_t kSpareTiles = 1024;
constexpr int64_t kSamplesPerBlock = 16;
constexpr int64_t kSpareBlocks = 1 << 16;
constexpr int64_t kMaxPackets = 1 << 25;

// Pieces of a side: one more where the picture does not begin at the edge of the first.
int64_t pieces(int64_t length, int64_t side) { return length <= side ? 1 : (length + side - 1) / side + 1; }

}  // namespace

Status check_jpeg2000_cost(const Jpeg2000Header& header) {
  const auto refused = [](const char* message) { return ItemError{ItemErrorCode::kUnsupportedFormat, message}; };
  if (header.tiles > kSpareTiles + header.size.pixels() / kPixelsPerTile) {
    return refused("more tiles than the size of the picture warrants");
  }
  const Jpeg2000Coding& coding = header.coding;
  int64_t blocks = 0, precincts = 0, most_precincts = 0;
  for (int resolution = 0; resolution <= coding.max_levels; ++resolution) {
    // The dearest order of sizes, though with fewer levels a resolution is larger.
    const auto halved = [&](int64_t length) {
      const int shift = std::max(coding.min_levels, resolution) - resolution;
      return (length + (int64_t{1} << shift) - 1) >> shift;
    };
    const int64_t width = halved(header.tile.width), height = halved(header.tile.height);
    const int log_x = coding.precinct_x[static_cast<size_t>(resolution)];
    const int log_y = coding.precinct_y[static_cast<size_t>(resolution)];
    const int64_t here = pieces(width, int64_t{1} << log_x) * pieces(height, int64_t{1} << log_y);
    precincts += here;
    most_precincts = std::max(most_precincts, here);
    // A band has half the resolution's side, and so has a precinct in it.
    const int64_t block_width = std::min(coding.block_width, 1 << std::max(log_x - 1, 0));
    const int64_t block_height = std::min(coding.block_height, 1 << std::max(log_y - 1, 0));
    blocks += 3 * pieces((width + 1) / 2, block_width) * pieces((height + 1) / 2, block_height);
  }
  if (blocks + precincts > kSpareBlocks + header.tile.pixels() / kSamplesPerBlock) {
    return refused("more blocks than the size of the picture warrants");
  }
  const int64_t components = header.component_count;
  const int64_t packets = precincts * header.tiles * components * coding.layers;
  const int64_t table = most_precincts * (coding.max_levels + 1) * components * coding.layers;
  if (packets > kMaxPackets || table > kMaxPackets) return refused("more packets than a picture needs");
  return ok_status();
}

}  // namespace smol
