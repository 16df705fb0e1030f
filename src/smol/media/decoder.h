// Turns bytes into strips of RGB rows. One Decoder per format and thread; buffers are reused from item to item.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "smol/base/decode_spec.h"
#include "smol/base/image_info.h"
#include "smol/base/result.h"
#include "smol/media/strip_source.h"

namespace smol {

// Not thread-safe: one object a thread. In the steady state (sizes seen before) our code does not allocate;
// what the libraries allocate inside is theirs.
class Decoder : public StripSource {
 public:
  // Reads headers only. `bytes` is the whole file.
  virtual Result<ImageInfo> inspect(std::span<const std::byte> bytes) = 0;

  // Every way to read this file, full decode first, then from the dearest to the cheapest. Headers only; may
  // allocate.
  virtual Result<std::vector<DecodeMode>> modes(std::span<const std::byte> bytes);

  // Starts decoding. `bytes` must stay alive until the last strip. Errors: kTooManyPixels, kTruncated, kCorrupt,
  // kUnsupportedFormat. Opening again abandons what was not read.
  virtual Result<DecodedGeometry> open(std::span<const std::byte> bytes, const DecodeSpec& spec,
                                       const DecodeLimits& limits) = 0;

  // The next rows, top to bottom, without gap; 0 rows at the end. RGB u8, colour conversions done: grey, palette,
  // CMYK, YCCK and 16 bit become RGB, alpha is composited over kAlphaBackground. A warning of the library about
  // the bytes that were read is an error. Formats with several pictures or frames give the first. Without a region
  // the last rows come only after the file's end was checked.
  Result<Strip> next_strip() override = 0;
};

// Transparent pixels are shown over white (docs/formats.md).
inline constexpr uint8_t kAlphaBackground = 255;

// The image format by its first bytes (kUnknownFormat if none), never by its name.
Result<ImageFormat> detect_format(std::span<const std::byte> bytes);

// One decoder of each format, made when first needed. Not thread-safe.
class DecoderSet {
 public:
  DecoderSet();
  ~DecoderSet();
  // kEmptyFile or kUnknownFormat.
  Result<Decoder*> decoder_for(std::span<const std::byte> bytes);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Convenience: the whole image, as stored (orientation not applied).
Result<DecodedGeometry> decode_image(Decoder& decoder, std::span<const std::byte> bytes, const DecodeSpec& spec,
                                     const DecodeLimits& limits, Image& out);

}  // namespace smol
