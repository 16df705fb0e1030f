// Dense tensors: what goes into a DNN and what comes out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace smol {

enum class DType : uint8_t { kU8, kF32, kF16 };
size_t size_bytes(DType dtype);
std::string_view name(DType dtype);  // "u8", "f32", "f16"

// Where the channel axis stands in one item's tensor.
enum class Layout : uint8_t { kHWC, kCHW };
std::string_view name(Layout layout);  // "HWC", "CHW"

// Up to four axes, held in place so that shapes never allocate.
struct Shape {
  std::array<int64_t, 4> axes{};
  int rank = 0;
  bool operator==(const Shape&) const = default;
  int64_t elements() const {
    int64_t product = 1;
    for (int i = 0; i < rank; ++i) product *= axes[static_cast<size_t>(i)];
    return product;
  }
};

// A packed, non-owning tensor. The caller keeps the memory alive.
struct TensorView {
  DType dtype = DType::kF32;
  Shape shape;
  std::byte* data = nullptr;
  size_t bytes() const { return static_cast<size_t>(shape.elements()) * size_bytes(dtype); }
  float* f32() const { return reinterpret_cast<float*>(data); }
  uint16_t* f16() const { return reinterpret_cast<uint16_t*>(data); }  // IEEE 754 binary16 (half.h)
  uint8_t* u8() const { return reinterpret_cast<uint8_t*>(data); }
};

// One picture as a DNN wants it: dtype, layout, size and channels (3, or 1 for grey).
struct InputSpec {
  DType dtype = DType::kF32;
  Layout layout = Layout::kCHW;
  int height = 0;
  int width = 0;
  int channels = 3;
  bool operator==(const InputSpec&) const = default;
  Shape item_shape() const;                // rank 3
  Shape batch_shape(int64_t batch) const;  // rank 4, batch first
  size_t item_bytes() const;
};

}  // namespace smol
