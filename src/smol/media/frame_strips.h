// A decoded video frame as strips of RGB.
#pragma once

#include "smol/base/aligned_buffer.h"
#include "smol/base/decode_spec.h"
#include "smol/base/image.h"
#include "smol/base/result.h"
#include "smol/media/av_handles.h"
#include "smol/media/yuv_to_rgb.h"

namespace smol {

// Planar 8-bit YCbCr (4:2:0, 4:2:2, 4:4:4) with the matrix of BT.601, BT.709 or BT.2020 goes through yuv_to_rgb.h,
// only for the rows and columns asked for. All else (grey, 10 bit, palettes, packed layouts, other matrices) is
// converted whole by libswscale. Both without allocation, once they have seen the size. Unspecified matrices mean
// BT.601, as in libswscale and in all tools built on it.
class FrameStrips {
 public:
  // `frame` must stay alive until the last strip. It is 1/denominator of a frame of size `full`, of which `region` is
  // a part. kUnsupportedFormat, kOutOfMemory.
  Result<DecodedGeometry> begin(const AVFrame& frame, const Rect& region, Size full, int denominator);
  Strip next();  // 0 rows: the end

 private:
  Status convert_whole(const AVFrame& frame);

  YuvPlanes planes_;        // of the frame
  bool converted_ = false;  // whole_ holds the picture
  Rect window_;
  int next_row_ = 0;  // of the window
  AlignedBuffer rows_;
  Image whole_;
  AvPointer<SwsContext> scaler_;
};

}  // namespace smol
