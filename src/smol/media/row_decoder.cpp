#include "smol/media/row_decoder.h"

#include <algorithm>
#include <new>

#include "smol/media/region.h"
#include "smol/media/strip_rows.h"

namespace smol {

ItemError RowDecoder::abandon(const ItemError& error) {
  window_ = {};
  next_row_ = 0;
  return error;
}

Result<DecodedGeometry> RowDecoder::open(std::span<const std::byte> bytes, const DecodeSpec& spec,
                                         const DecodeLimits& limits) {
  window_ = {};
  next_row_ = 0;
  const Result<Size> size = start(bytes);
  if (!size.ok()) return size.error();
  if (const Status status = check_pixels(*size, limits); !status.ok()) return status.error();
  const ScaledRegion region = scaled_region(*size, spec.region, 1);
  whole_file_ = !spec.region.has_value() || spec.read_to_end;
  width_ = size->width;
  height_ = size->height;
  try {
    if (const Status status = prepare(whole_file_ ? height_ : region.output.bottom); !status.ok()) {
      return status.error();
    }
    strip_.ensure(static_cast<size_t>(width_) * 3 * std::min(kStripRows, region.output.height()));
  } catch (const std::bad_alloc&) {
    return ItemError{ItemErrorCode::kOutOfMemory, "no memory for the rows of the picture"};
  }
  for (int y = 0; y < region.output.top; ++y) {
    if (const Status status = read_row(nullptr); !status.ok()) return status.error();
  }
  window_ = region.output;
  return DecodedGeometry{window_.size(), region.covers, 1, *size};
}

Result<Strip> RowDecoder::next_strip() {
  const int rows = std::min(kStripRows, window_.height() - next_row_);
  if (rows == 0) return Strip{next_row_, {}};
  auto* pixels = reinterpret_cast<uint8_t*>(strip_.data());
  const ptrdiff_t stride = ptrdiff_t{width_} * 3;
  for (int y = 0; y < rows; ++y) {
    if (const Status status = read_row(pixels + y * stride); !status.ok()) return abandon(status.error());
  }
  const Strip strip{next_row_, {pixels + ptrdiff_t{window_.left} * 3, {rows, window_.width()}, 3, stride}};
  next_row_ += rows;
  if (next_row_ == window_.height() && whole_file_) {
    for (int y = window_.bottom; y < height_; ++y) {
      if (const Status status = read_row(nullptr); !status.ok()) return abandon(status.error());
    }
  }
  return strip;
}

}  // namespace smol
