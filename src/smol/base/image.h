// Pictures in memory: u8, row-major HWC, with a row stride.
#pragma once

#include <cstddef>
#include <cstdint>

#include "smol/base/aligned_buffer.h"
#include "smol/base/geometry.h"

namespace smol {

// Views do not own; a view of a const picture is ConstImageView.
struct ImageView {
  uint8_t* data = nullptr;
  Size size;
  int channels = 3;
  ptrdiff_t stride_bytes = 0;
  uint8_t* row(int y) const { return data + y * stride_bytes; }
};

struct ConstImageView {
  const uint8_t* data = nullptr;
  Size size;
  int channels = 3;
  ptrdiff_t stride_bytes = 0;

  ConstImageView() = default;
  ConstImageView(const uint8_t* pixels, Size view_size, int channel_count, ptrdiff_t row_bytes)
      : data(pixels), size(view_size), channels(channel_count), stride_bytes(row_bytes) {}
  ConstImageView(const ImageView& view)
      : data(view.data), size(view.size), channels(view.channels), stride_bytes(view.stride_bytes) {}
  const uint8_t* row(int y) const { return data + y * stride_bytes; }
};

// Owning and reusable: resize() keeps the block when it is large enough. Rows are packed (stride = width * channels).
class Image {
 public:
  Image() = default;
  Image(Size size, int channels) { resize(size, channels); }

  // Contents are unspecified afterwards. Throws std::bad_alloc.
  void resize(Size size, int channels) {
    buffer_.ensure(static_cast<size_t>(size.pixels()) * channels);
    size_ = size;
    channels_ = channels;
  }

  Size size() const { return size_; }
  int channels() const { return channels_; }
  ImageView view() { return {bytes(), size_, channels_, ptrdiff_t{size_.width} * channels_}; }
  ConstImageView view() const {
    return {reinterpret_cast<const uint8_t*>(buffer_.data()), size_, channels_, ptrdiff_t{size_.width} * channels_};
  }

 private:
  uint8_t* bytes() { return reinterpret_cast<uint8_t*>(buffer_.data()); }
  AlignedBuffer buffer_;
  Size size_;
  int channels_ = 3;
};

}  // namespace smol
