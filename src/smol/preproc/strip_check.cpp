#include "smol/preproc/strip_check.h"

#include <fmt/format.h>

#include "smol/base/error.h"

namespace smol {

void require_next_strip(const Strip& strip, int64_t expected_row, Size decoded) {
  const ConstImageView& rgb = strip.rgb;
  if (strip.first_row == expected_row && rgb.channels == 3 && rgb.size.width == decoded.width &&
      rgb.size.height >= 0 && expected_row + rgb.size.height <= decoded.height) {
    return;
  }
  throw Error(
      ErrorCode::kUsage,
      fmt::format("expected RGB rows from row {} of {}x{}, got {} channels and {}x{} from row {}", expected_row,
                  decoded.height, decoded.width, rgb.channels, rgb.size.height, rgb.size.width, strip.first_row));
}

}  // namespace smol
