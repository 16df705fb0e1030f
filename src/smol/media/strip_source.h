// Where strips of a picture come from: a decoder of images, or a reader of videos.
#pragma once

#include "smol/base/decode_spec.h"
#include "smol/base/result.h"

namespace smol {

class StripSource {
 public:
  virtual ~StripSource() = default;
  // The next rows of RGB, top to bottom, without gap; 0 rows at the end. Valid until the next call.
  virtual Result<Strip> next_strip() = 0;
};

}  // namespace smol
