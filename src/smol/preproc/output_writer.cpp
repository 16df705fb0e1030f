#include "smol/preproc/output_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "smol/base/error.h"

namespace smol {
namespace {

void require_output(const InputSpec& spec, const TensorView& out) {
  if (out.data != nullptr && out.dtype == spec.dtype && out.shape == spec.item_shape()) return;
  throw Error(ErrorCode::kUsage, fmt::format("the output tensor must be {} {} {}x{}x3, got {} of {} elements",
                                             name(spec.dtype), name(spec.layout), spec.height, spec.width,
                                             name(out.dtype), out.data == nullptr ? 0 : out.shape.elements()));
}

}  // namespace

OutputWriter::OutputWriter(const FusedPlan& plan, const ResampleKernels& kernels) : plan_(plan), kernels_(kernels) {
  if (plan.output.layout == Layout::kHWC) planes_.ensure(static_cast<size_t>(plan.output.width) * 3 * sizeof(float));
}

void OutputWriter::begin(const Placement& placement, TensorView out) {
  require_output(plan_.output, out);
  out_ = out;
  top_ = placement.rows.offset;
  left_ = placement.columns.offset;
  width_ = placement.columns.count;
  for (size_t i = placement.padding.size(); i-- > 0;) {
    fill(placement.padding[i].canvas, plan_.fills[placement.padding[i].op]);
  }
}

void OutputWriter::write_row(int row, VerticalJob job) {
  job.width = width_;
  std::copy(plan_.source_channel.begin(), plan_.source_channel.end(), job.source_plane);
  const bool planar = plan_.output.layout == Layout::kCHW;
  const size_t first = element(top_ + row, left_, 0);
  const auto plane_rows = [&](auto* out, auto* scratch) {
    std::array<decltype(out), 3> rows;
    for (size_t c = 0; c < 3; ++c) {
      rows[c] = planar ? out + element(top_ + row, left_, c) : scratch + c * static_cast<size_t>(plan_.output.width);
    }
    return rows;
  };

  if (plan_.output.dtype == DType::kF32) {
    const auto rows = plane_rows(out_.f32(), reinterpret_cast<float*>(planes_.data()));
    kernels_.vertical_f32(job, plan_.scale.data(), plan_.bias.data(), rows.data());
    if (!planar) kernels_.interleave_f32(rows.data(), width_, out_.f32() + first);
  } else {
    const auto rows = plane_rows(out_.u8(), reinterpret_cast<uint8_t*>(planes_.data()));
    kernels_.vertical_u8(job, rows.data());
    if (!planar) kernels_.interleave_u8(rows.data(), width_, out_.u8() + first);
  }
}

void OutputWriter::fill(const Rect& rect, const std::array<float, 3>& values) {
  const auto fill_with = [&](auto* out, const auto& value) {
    const int width = rect.width();
    for (int row = rect.top; row < rect.bottom; ++row) {
      if (plan_.output.layout == Layout::kCHW) {
        for (size_t c = 0; c < 3; ++c) std::fill_n(out + element(row, rect.left, c), width, value[c]);
      } else {
        auto* pixel = out + element(row, rect.left, 0);
        for (int x = 0; x < width; ++x) pixel = std::copy(value.begin(), value.end(), pixel);
      }
    }
  };
  if (plan_.output.dtype == DType::kF32) {
    fill_with(out_.f32(), values);
  } else {
    std::array<uint8_t, 3> bytes{};
    std::transform(values.begin(), values.end(), bytes.begin(),
                   [](float value) { return static_cast<uint8_t>(value); });
    fill_with(out_.u8(), bytes);
  }
}

size_t OutputWriter::element(int row, int column, size_t channel) const {
  const size_t width = static_cast<size_t>(plan_.output.width);
  const size_t height = static_cast<size_t>(plan_.output.height);
  const size_t y = static_cast<size_t>(row);
  const size_t x = static_cast<size_t>(column);
  return plan_.output.layout == Layout::kCHW ? (channel * height + y) * width + x : (y * width + x) * 3 + channel;
}

}  // namespace smol
