// The five row filters of PNG undone (PNG specification, §9), two rows at once where that is faster.
#pragma once

#include <cstddef>
#include <cstdint>

namespace smol {

inline constexpr size_t kPngRowPadding = 8;  // bytes behind every row that may be read and overwritten

// One row as inflated: the filter's number and its bytes; and where its pixels go.
struct FilteredRow {
  const uint8_t* filtered;  // filtered[0] is the filter
  uint8_t* pixels;
};

// `count` consecutive rows of `row_bytes`; `above` are the pixels of the row before the first (zeros for the first
// row of a picture). pixel_bytes 1 to 4. Every row and `above` have kPngRowPadding bytes behind them, pixels also
// before the next row's. false: an unknown filter. Thread-safe; the same bits on every CPU.
bool png_unfilter(const FilteredRow* rows, int count, const uint8_t* above, size_t row_bytes, int pixel_bytes);

// The same, byte by byte as the specification writes it: what the fast one must equal.
bool png_unfilter_plain(const FilteredRow* rows, int count, const uint8_t* above, size_t row_bytes, int pixel_bytes);

}  // namespace smol
