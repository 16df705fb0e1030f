#include "smol/media/region.h"

#include <string>

#include "smol/base/error.h"

namespace smol {
namespace {

std::string text(const Rect& rect) {
  return std::to_string(rect.left) + "," + std::to_string(rect.top) + "-" + std::to_string(rect.right) + "," +
         std::to_string(rect.bottom);
}

}  // namespace

ScaledRegion scaled_region(Size stored, const std::optional<Rect>& region, int denominator) {
  const Rect whole{0, 0, stored.height, stored.width};
  const Rect wanted = region.value_or(whole);
  if (wanted.top < 0 || wanted.left < 0 || wanted.bottom > whole.bottom || wanted.right > whole.right ||
      wanted.height() <= 0 || wanted.width() <= 0) {
    throw Error(ErrorCode::kUsage, "the region to decode is empty or not inside the picture, which is " +
                                       text(whole) + ": " + text(wanted));
  }
  const auto up = [denominator](int value) { return (value + denominator - 1) / denominator; };
  const Rect output{wanted.top / denominator, wanted.left / denominator, up(wanted.bottom), up(wanted.right)};
  return {
      output,
      {output.top * denominator, output.left * denominator, output.bottom * denominator, output.right * denominator}};
}

Status check_pixels(Size stored, const DecodeLimits& limits) {
  if (stored.pixels() <= limits.max_pixels) return ok_status();
  return ItemError{ItemErrorCode::kTooManyPixels,
                   std::to_string(stored.width) + " x " + std::to_string(stored.height) +
                       " pixels, more than the limit of " + std::to_string(limits.max_pixels)};
}

}  // namespace smol
