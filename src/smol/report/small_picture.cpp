#include "smol/report/small_picture.h"

#include <algorithm>
#include <utility>

#include "smol/base/image.h"
#include "smol/media/decoder.h"
#include "smol/media/file_reader.h"
#include "smol/media/image_encoder.h"
#include "smol/preproc/executor.h"
#include "smol/report/base64.h"

namespace smol {
namespace {

constexpr int kJpegQuality = 82;
constexpr int kLargestDenominator = 8;

DecodeSpec cheapest(Size stored, int long_side) {
  DecodeSpec spec;
  const int longest = std::max(stored.height, stored.width);
  while (spec.scale_denominator < kLargestDenominator && longest / (2 * spec.scale_denominator) >= long_side) {
    spec.scale_denominator *= 2;
  }
  return spec;
}

Image upright_and_small(ConstImageView stored, Orientation orientation, int long_side) {
  const Size displayed = oriented(stored.size, orientation);
  const int longest = std::max(displayed.height, displayed.width);
  const int target = std::min(long_side, longest);
  const auto scaled = [&](int side) { return std::max(1, static_cast<int>(int64_t{side} * target / longest)); };
  ResizeOp resize;
  resize.rule = ResizeRule::kExact;
  resize.size = {scaled(displayed.height), scaled(displayed.width)};
  FusedExecutor executor(PreprocGraph{{resize}});
  Image small(resize.size, 3);
  auto* pixels = reinterpret_cast<std::byte*>(small.view().data);
  executor.run(stored, orientation, {DType::kU8, executor.output().item_shape(), pixels});
  return small;
}

}  // namespace

Result<SmallPicture> small_picture(const std::string& path, int long_side) {
  const DecodeLimits limits;
  FileReader reader;
  const auto bytes = reader.read(path, limits.max_file_bytes);
  if (!bytes) return bytes.error();
  DecoderSet decoders;
  const auto decoder = decoders.decoder_for(*bytes);
  if (!decoder) return decoder.error();
  const auto info = (*decoder)->inspect(*bytes);
  if (!info) return info.error();
  Image picture;
  const auto geometry = decode_image(**decoder, *bytes, cheapest(info->stored, long_side), limits, picture);
  if (!geometry) return geometry.error();
  const Image small = upright_and_small(std::as_const(picture).view(), info->orientation, long_side);
  const auto jpeg = encode_jpeg(small.view(), kJpegQuality);
  if (!jpeg) return jpeg.error();
  return SmallPicture{"data:image/jpeg;base64," + base64(*jpeg), small.size()};
}

}  // namespace smol
