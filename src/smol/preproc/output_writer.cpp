#include "smol/preproc/output_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "smol/base/error.h"
#include "smol/base/half.h"

namespace smol {
namespace {

void require_output(const InputSpec& spec, const TensorView& out) {
  if (out.data != nullptr && out.dtype == spec.dtype && out.shape == spec.item_shape()) return;
  throw Error(ErrorCode::kUsage,
              fmt::format("the output tensor must be {} {} {}x{}x{}, got {} of {} elements", name(spec.dtype),
                          name(spec.layout), spec.height, spec.width, spec.channels, name(out.dtype),
                          out.data == nullptr ? 0 : out.shape.elements()));
}

constexpr size_t kScratchPlanes = 7;  // three planes, one pixel-interleaved row as long as three, one more

}  // namespace

OutputWriter::OutputWriter(const FusedPlan& plan, const ResampleKernels& kernels)
    : plan_(plan),
      kernels_(kernels),
      channels_(static_cast<size_t>(plan.output.channels)),
      row_elements_((static_cast<size_t>(plan.output.width) + kBufferAlignment - 1) / kBufferAlignment *
                    kBufferAlignment) {
  scratch_.ensure(kScratchPlanes * row_elements_ * (sizeof(float) + sizeof(uint8_t)));
  floats_ = reinterpret_cast<float*>(scratch_.data());
  bytes_ = reinterpret_cast<uint8_t*>(floats_ + kScratchPlanes * row_elements_);
}

void OutputWriter::begin(const Placement& placement, TensorView out) {
  require_output(plan_.output, out);
  out_ = out;
  rows_ = placement.rows;
  left_ = placement.columns.offset;
  width_ = placement.columns.count;
  for (size_t i = placement.padding.size(); i-- > 0;) {
    fill(placement.padding[i].canvas, plan_.fills[placement.padding[i].op]);
  }
}

void OutputWriter::write_row(int row, VerticalJob job) {
  job.width = width_;
  std::copy(plan_.source_channel.begin(), plan_.source_channel.end(), job.source_plane);
  const int shown = rows_.mirrored ? rows_.count - 1 - row : row;
  if (plan_.output.dtype == DType::kU8) {
    write_u8(rows_.offset + shown, job);
  } else {
    write_floats(rows_.offset + shown, job);
  }
}

void OutputWriter::write_u8(int row, const VerticalJob& job) {
  const bool planar = plan_.output.layout == Layout::kCHW;
  std::array<uint8_t*, 3> planes{};
  for (size_t c = 0; c < 3; ++c) {
    planes[c] = planar && !plan_.grey ? out_.u8() + element(row, left_, c) : byte_row(c);
  }
  kernels_.vertical_u8(job, planes.data());
  if (plan_.grey) {
    uint8_t* grey = byte_row(kScratchPlanes - 1);
    kernels_.grey(planes.data(), width_, grey);
    planes.fill(grey);
    if (planar || channels_ == 1) {
      for (size_t c = 0; c < channels_; ++c) std::copy_n(grey, width_, out_.u8() + element(row, left_, c));
      return;
    }
  }
  if (!planar) kernels_.interleave_u8(planes.data(), width_, out_.u8() + element(row, left_, 0));
}

void OutputWriter::write_floats(int row, const VerticalJob& job) {
  const bool single = plan_.output.dtype == DType::kF32;
  const bool planar = plan_.output.layout == Layout::kCHW || channels_ == 1;
  std::array<float*, 3> planes{};
  for (size_t c = 0; c < 3; ++c) {
    planes[c] = single && planar && c < channels_ ? out_.f32() + element(row, left_, c) : float_row(c);
  }
  if (plan_.grey) {
    const std::array<uint8_t*, 3> colours{byte_row(0), byte_row(1), byte_row(2)};
    uint8_t* grey = byte_row(kScratchPlanes - 1);
    kernels_.vertical_u8(job, colours.data());
    kernels_.grey(colours.data(), width_, grey);
    for (size_t c = 0; c < channels_; ++c) kernels_.affine(grey, plan_.scale[c], plan_.bias[c], width_, planes[c]);
  } else {
    kernels_.vertical_f32(job, plan_.scale.data(), plan_.bias.data(), planes.data());
  }

  const auto width = static_cast<size_t>(width_);
  if (!planar) {
    float* pixels = single ? out_.f32() + element(row, left_, 0) : float_row(3);
    kernels_.interleave_f32(planes.data(), width_, pixels);
    if (!single) kernels_.half(pixels, width * 3, out_.f16() + element(row, left_, 0));
  } else if (!single) {
    for (size_t c = 0; c < channels_; ++c) kernels_.half(planes[c], width, out_.f16() + element(row, left_, c));
  }
}

void OutputWriter::fill(const Rect& rect, const std::array<float, 3>& values) {
  const auto fill_with = [&](auto* out, auto convert) {
    std::array<decltype(convert(0.0f)), 3> value;
    std::transform(values.begin(), values.end(), value.begin(), convert);
    for (int row = rect.top; row < rect.bottom; ++row) {
      if (plan_.output.layout == Layout::kCHW) {
        for (size_t c = 0; c < channels_; ++c) std::fill_n(out + element(row, rect.left, c), rect.width(), value[c]);
      } else {
        auto* pixel = out + element(row, rect.left, 0);
        for (int x = 0; x < rect.width(); ++x) pixel = std::copy_n(value.begin(), channels_, pixel);
      }
    }
  };
  switch (plan_.output.dtype) {
    case DType::kF32: return fill_with(out_.f32(), [](float value) { return value; });
    case DType::kF16: return fill_with(out_.f16(), [](float value) { return half_from_float(value); });
    case DType::kU8: return fill_with(out_.u8(), [](float value) { return static_cast<uint8_t>(value); });
  }
}

size_t OutputWriter::element(int row, int column, size_t channel) const {
  const size_t width = static_cast<size_t>(plan_.output.width);
  const size_t height = static_cast<size_t>(plan_.output.height);
  const size_t y = static_cast<size_t>(row);
  const size_t x = static_cast<size_t>(column);
  return plan_.output.layout == Layout::kCHW ? (channel * height + y) * width + x
                                             : (y * width + x) * channels_ + channel;
}

}  // namespace smol
