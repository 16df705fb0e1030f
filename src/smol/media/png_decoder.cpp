#include "smol/media/png_decoder.h"

#include <new>
#include <optional>

#include "smol/media/fast_png.h"
#include "smol/media/libpng_decoder.h"
#include "smol/media/png_headers.h"
#include "smol/media/region.h"

namespace smol {
namespace {

class PngDecoder final : public Decoder {
 public:
  Result<ImageInfo> inspect(std::span<const std::byte> bytes) override { return libpng_->inspect(bytes); }
  Result<std::vector<DecodeMode>> modes(std::span<const std::byte> bytes) override { return libpng_->modes(bytes); }
  Result<DecodedGeometry> open(std::span<const std::byte> bytes, const DecodeSpec& spec,
                               const DecodeLimits& limits) override;
  Result<Strip> next_strip() override;

 private:
  std::optional<ItemError> verdict();

  std::unique_ptr<Decoder> libpng_ = make_libpng_decoder();
  FastPng fast_;
  bool is_fast_ = false;
  Bytes bytes_;
  DecodeLimits limits_;
};

Result<DecodedGeometry> PngDecoder::open(std::span<const std::byte> bytes, const DecodeSpec& spec,
                                         const DecodeLimits& limits) try {
  is_fast_ = false;
  const Result<PngHeaders> header = read_png_header(bytes);
  if (!header.ok()) return header.error();
  if (const Status status = check_pixels(header->size, limits); !status.ok()) return status.error();
  const ScaledRegion region = scaled_region(header->size, spec.region, 1);
  is_fast_ = fast_.start(bytes, *header, region.output, !spec.region.has_value() || spec.read_to_end);
  if (!is_fast_) return libpng_->open(bytes, spec, limits);
  bytes_ = bytes;
  limits_ = limits;
  return DecodedGeometry{region.output.size(), region.covers, 1, header->size};
} catch (const std::bad_alloc&) {
  return ItemError{ItemErrorCode::kOutOfMemory, "no memory for the rows of the picture"};
}

Result<Strip> PngDecoder::next_strip() {
  if (!is_fast_) return libpng_->next_strip();
  const bool was_at_end = fast_.at_end();
  const std::optional<Strip> strip = fast_.next_strip();
  if (!strip) {
    return verdict().value_or(ItemError{ItemErrorCode::kCorrupt, "the compressed pixels contradict the format"});
  }
  if (was_at_end || !fast_.at_end() || fast_.is_sound_to_the_end()) return *strip;
  if (const std::optional<ItemError> error = verdict()) return *error;
  is_fast_ = true;  // nothing that libpng minds
  return *strip;
}

// What libpng says of the file in which the fast way found something wrong.
std::optional<ItemError> PngDecoder::verdict() {
  is_fast_ = false;
  if (const auto opened = libpng_->open(bytes_, {}, limits_); !opened.ok()) return opened.error();
  while (true) {
    const Result<Strip> strip = libpng_->next_strip();
    if (!strip.ok()) return strip.error();
    if (strip->rgb.size.height == 0) return std::nullopt;
  }
}

}  // namespace

std::unique_ptr<Decoder> make_png_decoder() { return std::make_unique<PngDecoder>(); }

}  // namespace smol
