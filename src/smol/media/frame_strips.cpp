#include "smol/media/frame_strips.h"

#include <algorithm>
#include <new>
#include <optional>

extern "C" {
#include <libavutil/pixdesc.h>
}

#include "smol/base/error.h"
#include "smol/media/strip_rows.h"

namespace smol {
namespace {

std::optional<YuvLayout> layout_of(const AVFrame& frame) {
  YuvLayout layout;
  layout.full_range = frame.color_range == AVCOL_RANGE_JPEG;
  switch (frame.format) {
    case AV_PIX_FMT_YUVJ420P: layout.full_range = true; [[fallthrough]];
    case AV_PIX_FMT_YUV420P: layout.chroma_shift_x = layout.chroma_shift_y = 1; break;
    case AV_PIX_FMT_YUVJ422P: layout.full_range = true; [[fallthrough]];
    case AV_PIX_FMT_YUV422P: layout.chroma_shift_x = 1; break;
    case AV_PIX_FMT_YUVJ444P: layout.full_range = true; [[fallthrough]];
    case AV_PIX_FMT_YUV444P: break;
    default: return std::nullopt;
  }
  switch (frame.colorspace) {
    case AVCOL_SPC_BT709: layout.matrix = YuvMatrix::kBt709; break;
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL: layout.matrix = YuvMatrix::kBt2020; break;
    case AVCOL_SPC_RGB:
    case AVCOL_SPC_YCGCO:
    case AVCOL_SPC_SMPTE240M:
    case AVCOL_SPC_FCC: return std::nullopt;
    default: layout.matrix = YuvMatrix::kBt601; break;
  }
  return layout;
}

int swscale_matrix(AVColorSpace space) {
  switch (space) {
    case AVCOL_SPC_BT709: return SWS_CS_ITU709;
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL: return SWS_CS_BT2020;
    case AVCOL_SPC_FCC: return SWS_CS_FCC;
    case AVCOL_SPC_SMPTE240M: return SWS_CS_SMPTE240M;
    default: return SWS_CS_ITU601;
  }
}

}  // namespace

Result<DecodedGeometry> FrameStrips::begin(const AVFrame& frame, const Rect& region, Size full, int denominator) try {
  next_row_ = 0;
  const auto up = [denominator](int side) { return (side + denominator - 1) / denominator; };
  window_ = {std::clamp(region.top / denominator, 0, frame.height),
             std::clamp(region.left / denominator, 0, frame.width), std::clamp(up(region.bottom), 0, frame.height),
             std::clamp(up(region.right), 0, frame.width)};
  const std::optional<YuvLayout> layout = layout_of(frame);
  converted_ = !layout;
  if (layout) {
    planes_.layout = *layout;
    for (int i = 0; i < 3; ++i) {
      planes_.data[i] = frame.data[i];
      planes_.stride_bytes[i] = frame.linesize[i];
    }
    // Chroma samples are shared by two columns: begin with both, so that every row starts the same way.
    window_.left -= window_.left % 2;
    rows_.ensure(static_cast<size_t>(kStripRows) * static_cast<size_t>(window_.width()) * 3);
  } else if (const Status status = convert_whole(frame); !status.ok()) {
    return status.error();
  }
  const Rect covers{window_.top * denominator, window_.left * denominator, window_.bottom * denominator,
                    window_.right * denominator};
  return DecodedGeometry{window_.size(), covers, denominator, full};
} catch (const std::bad_alloc&) {
  return ItemError{ItemErrorCode::kOutOfMemory, "no memory for the frame"};
}

Status FrameStrips::convert_whole(const AVFrame& frame) {
  const auto format = static_cast<AVPixelFormat>(frame.format);
  if (!sws_isSupportedInput(format)) {
    const char* name = av_get_pix_fmt_name(format);
    return ItemError{ItemErrorCode::kUnsupportedFormat,
                     std::string("frames in the pixel format ") + (name == nullptr ? "unknown" : name)};
  }
  scaler_.reset(sws_getCachedContext(scaler_.release(), frame.width, frame.height, format, frame.width, frame.height,
                                     AV_PIX_FMT_RGB24, SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, nullptr,
                                     nullptr, nullptr));
  if (!scaler_) return ItemError{ItemErrorCode::kOutOfMemory, "no memory to convert the frame"};
  const int* matrix = sws_getCoefficients(swscale_matrix(frame.colorspace));
  constexpr int kNeutral = 1 << 16;  // contrast and saturation
  sws_setColorspaceDetails(scaler_.get(), matrix, frame.color_range == AVCOL_RANGE_JPEG, matrix, 1, 0, kNeutral,
                           kNeutral);
  whole_.resize({frame.height, frame.width}, 3);
  const ImageView target = whole_.view();
  uint8_t* planes[4] = {target.data, nullptr, nullptr, nullptr};
  const int strides[4] = {static_cast<int>(target.stride_bytes), 0, 0, 0};
  if (sws_scale(scaler_.get(), frame.data, frame.linesize, 0, frame.height, planes, strides) != frame.height) {
    return ItemError{ItemErrorCode::kUnsupportedFormat, "libswscale cannot convert the frame"};
  }
  return ok_status();
}

Strip FrameStrips::next() {
  const int rows = std::min(kStripRows, window_.height() - next_row_);
  if (rows <= 0) return {next_row_, {}};
  const int top = window_.top + next_row_;
  Strip strip{next_row_, {}};
  next_row_ += rows;
  if (converted_) {
    const ConstImageView whole = std::as_const(whole_).view();
    strip.rgb = {whole.row(top) + ptrdiff_t{window_.left} * 3, {rows, window_.width()}, 3, whole.stride_bytes};
    return strip;
  }
  auto* out = reinterpret_cast<uint8_t*>(rows_.data());
  const ptrdiff_t stride = ptrdiff_t{window_.width()} * 3;
  yuv_to_rgb(planes_, {top, window_.left, top + rows, window_.right}, out, stride);
  strip.rgb = {out, {rows, window_.width()}, 3, stride};
  return strip;
}

}  // namespace smol
