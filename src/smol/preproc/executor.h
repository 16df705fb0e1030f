// Running a preprocessing graph. ReferenceExecutor is the oracle for ever; FusedExecutor is the fast one.
#pragma once

#include <memory>

#include "smol/base/decode_spec.h"
#include "smol/base/image.h"
#include "smol/base/tensor.h"
#include "smol/preproc/graph.h"

namespace smol {

// Plain f32, one operation after the other, no fusion, no rounding between operations; allocates freely.
class ReferenceExecutor {
 public:
  explicit ReferenceExecutor(PreprocGraph graph);  // throws Error(kUsage)
  const InputSpec& output() const { return output_; }
  // `out` has output().item_shape() and dtype (u8: rounded half up and clamped at the very end).
  void run(ConstImageView rgb, Orientation orientation, TensorView out) const;

 private:
  PreprocGraph graph_;
  InputSpec output_;
};

// From strips to the batch slot in one pass; no full-size intermediate for upright pictures. Pictures that are
// turned, flipped before the resize or padded before it are collected first, as far as they are needed. Resampling is
// fixed point, as Pillow's u8 path, and its bits (tests/python/test_preproc_pillow.py says where not); OpenCV's
// conventions are sampled as they say, and are within a level of them. Grey is made of the resized colours, as
// Pillow's convert("L"). Then scale and bias, dtype and layout in the last step. f32 values differ from
// (x * scale - mean) / std by one or two roundings; u8 values are exact; f16 is f32 rounded to nearest even.
// One object a thread; begin / push / finish per picture; buffers are reused, no allocation for sizes seen before.
class FusedExecutor {
 public:
  explicit FusedExecutor(const PreprocGraph& graph);  // throws Error(kUsage) for what it cannot fuse
  ~FusedExecutor();
  FusedExecutor(FusedExecutor&&) noexcept;
  FusedExecutor& operator=(FusedExecutor&&) noexcept;

  const InputSpec& output() const;

  // `decoded` is what the decoder will deliver, stored orientation; `out` one row of a batch slot.
  void begin(const DecodedGeometry& decoded, Orientation orientation, TensorView out);
  // Rows in order, each exactly once. Returns true once no further row can change the result (the caller may stop).
  bool push(const Strip& strip);
  // All needed rows were pushed: writes what is left.
  void finish();

  // Convenience over a whole picture.
  void run(ConstImageView rgb, Orientation orientation, TensorView out);

  // The stored pixels of the full-size picture, of size `displayed` once upright, that the result depends on, filter
  // support included: what a DecodeSpec's region has to cover (paper Algorithm 1). Never empty. With
  // scale_denominator the support is that of the scaled picture. May be called at any time.
  Rect needed_source_rect(Size displayed, Orientation orientation, int scale_denominator = 1) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// FusedExecutor::needed_source_rect() without an executor. Throws Error(kUsage) for what cannot be fused.
Rect needed_source_rect(const PreprocGraph& graph, Size displayed, Orientation orientation,
                        int scale_denominator = 1);

}  // namespace smol
