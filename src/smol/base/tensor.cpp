#include "smol/base/tensor.h"

namespace smol {

size_t size_bytes(DType dtype) {
  switch (dtype) {
    case DType::kU8: return 1;
    case DType::kF16: return 2;
    case DType::kF32: return 4;
  }
  return 4;
}

std::string_view name(DType dtype) {
  switch (dtype) {
    case DType::kU8: return "u8";
    case DType::kF16: return "f16";
    case DType::kF32: return "f32";
  }
  return "f32";
}

std::string_view name(Layout layout) { return layout == Layout::kHWC ? "HWC" : "CHW"; }

Shape InputSpec::item_shape() const {
  if (layout == Layout::kHWC) return {{height, width, channels}, 3};
  return {{channels, height, width}, 3};
}

Shape InputSpec::batch_shape(int64_t batch) const {
  const Shape item = item_shape();
  return {{batch, item.axes[0], item.axes[1], item.axes[2]}, 4};
}

size_t InputSpec::item_bytes() const { return static_cast<size_t>(item_shape().elements()) * size_bytes(dtype); }

}  // namespace smol
