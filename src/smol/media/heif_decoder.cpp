#include "smol/media/heif_decoder.h"

#include <libheif/heif.h>

#include <algorithm>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "smol/base/aligned_buffer.h"
#include "smol/media/alpha.h"
#include "smol/media/bytes.h"
#include "smol/media/heif_boxes.h"
#include "smol/media/heif_plugins.h"
#include "smol/media/region.h"
#include "smol/media/strip_rows.h"

namespace smol {
namespace {

// Coded pictures and the tiles of grids reach over the edge of what is shown, to whole blocks.
constexpr int64_t kCodedMargin = 1 << 20;

struct HeifDeleter {
  void operator()(heif_context* context) const { heif_context_free(context); }
  void operator()(heif_image_handle* handle) const { heif_image_handle_release(handle); }
  void operator()(heif_image* image) const { heif_image_release(image); }
  void operator()(heif_decoding_options* options) const { heif_decoding_options_free(options); }
};
template <typename T>
using HeifPointer = std::unique_ptr<T, HeifDeleter>;

ItemError error_of(const heif_error& error) {
  const std::string message = error.message == nullptr ? "libheif gives no reason" : error.message;
  if (error.subcode == heif_suberror_End_of_data) return {ItemErrorCode::kTruncated, message};
  if (error.subcode == heif_suberror_Security_limit_exceeded) return {ItemErrorCode::kTooManyPixels, message};
  switch (error.code) {
    case heif_error_Unsupported_filetype:
    case heif_error_Unsupported_feature: return {ItemErrorCode::kUnsupportedFormat, message};
    case heif_error_Memory_allocation_error: return {ItemErrorCode::kOutOfMemory, message};
    default: return {ItemErrorCode::kCorrupt, message};
  }
}

// A file with its primary picture, not decoded.
struct HeifFile {
  HeifPointer<heif_context> context;
  HeifPointer<heif_image_handle> primary;
};

Size size_of(const heif_image_handle& handle) {
  return {heif_image_handle_get_height(&handle), heif_image_handle_get_width(&handle)};
}

// Boxes one after the other must fill the file, or it was cut.
bool is_whole(Bytes bytes) {
  const NumberReader numbers(bytes, true);
  size_t offset = 0;
  while (offset < bytes.size()) {
    const auto size32 = numbers.u32(offset);
    if (!size32) return false;
    uint64_t size = *size32;
    if (size == 0) return true;  // to the end of the file
    if (size == 1) {
      const auto high = numbers.u32(offset + 8);
      const auto low = numbers.u32(offset + 12);
      if (!high || !low) return false;
      size = uint64_t{*high} << 32 | *low;
    }
    if (size < 8) return true;  // not cut but damaged: libheif says how
    if (size > bytes.size() - offset) return false;
    offset += size;
  }
  return true;
}

Result<HeifFile> open_file(Bytes bytes) {
  use_own_heif_decoders();
  HeifFile file;
  file.context.reset(heif_context_alloc());
  if (!file.context) return ItemError{ItemErrorCode::kOutOfMemory, "no memory for libheif"};
  heif_context_set_max_decoding_threads(file.context.get(), 0);
  const heif_error read =
      heif_context_read_from_memory_without_copy(file.context.get(), bytes.data(), bytes.size(), nullptr);
  if (read.code != heif_error_Ok) {
    if (!is_whole(bytes)) return ItemError{ItemErrorCode::kTruncated, "the file ends before the picture does"};
    return error_of(read);
  }
  heif_image_handle* primary = nullptr;
  const heif_error got = heif_context_get_primary_image_handle(file.context.get(), &primary);
  file.primary.reset(primary);
  if (got.code != heif_error_Ok) return error_of(got);
  const Size size = size_of(*primary);
  if (size.height <= 0 || size.width <= 0) return ItemError{ItemErrorCode::kCorrupt, "the picture has no size"};
  return file;
}

HeifPointer<heif_image_handle> thumbnail_of(const heif_image_handle& primary) {
  heif_item_id id = 0;
  heif_image_handle* thumbnail = nullptr;
  if (heif_image_handle_get_list_of_thumbnail_IDs(&primary, &id, 1) == 1) {
    heif_image_handle_get_thumbnail(&primary, id, &thumbnail);
  }
  HeifPointer<heif_image_handle> found(thumbnail);
  if (found && size_of(*found).pixels() <= 0) found.reset();  // one without a size is none
  return found;
}

class HeifDecoder final : public Decoder {
 public:
  Result<ImageInfo> inspect(std::span<const std::byte> bytes) override;
  Result<std::vector<DecodeMode>> modes(std::span<const std::byte> bytes) override;
  Result<DecodedGeometry> open(std::span<const std::byte> bytes, const DecodeSpec& spec,
                               const DecodeLimits& limits) override;
  Result<Strip> next_strip() override;

 private:
  Status decode(const heif_image_handle& handle, HeifStructure structure);

  std::optional<CodedPicture> coded_;  // converted by ourselves, strip by strip
  HeifPointer<heif_image> picture_;    // or by libheif
  const uint8_t* pixels_ = nullptr;
  int stride_bytes_ = 0;
  int channels_ = 3;
  AlignedBuffer strip_;  // converted, or without alpha
  Rect window_;
  int next_row_ = 0;  // of the window
};

Result<ImageInfo> HeifDecoder::inspect(std::span<const std::byte> bytes) {
  const Result<HeifFile> file = open_file(bytes);
  if (!file.ok()) return file.error();
  const heif_image_handle& primary = *file->primary;
  ImageInfo info;
  const Result<ImageFormat> format = detect_format(bytes);
  info.format = format.ok() ? *format : ImageFormat::kHeif;
  info.stored = size_of(primary);
  info.colour = ColourModel::kYcbcr;
  info.bits_per_sample = heif_image_handle_get_luma_bits_per_pixel(&primary);
  info.has_alpha = heif_image_handle_has_alpha_channel(&primary) != 0;
  if (const auto thumbnail = thumbnail_of(primary)) info.thumbnail = size_of(*thumbnail);
  return info;
}

Result<std::vector<DecodeMode>> HeifDecoder::modes(std::span<const std::byte> bytes) {
  const Result<ImageInfo> info = inspect(bytes);
  if (!info.ok()) return info.error();
  std::vector<DecodeMode> modes = {{DecodeSpec{}, info->stored}};
  modes.push_back({{.skip_filters = true}, info->stored});
  if (info->thumbnail.height > 0) modes.push_back({{.thumbnail = true}, info->thumbnail});
  return modes;
}

Result<DecodedGeometry> HeifDecoder::open(std::span<const std::byte> bytes, const DecodeSpec& spec,
                                          const DecodeLimits& limits) try {
  picture_.reset();
  coded_.reset();
  window_ = {};
  next_row_ = 0;
  Result<HeifFile> file = open_file(bytes);
  if (!file.ok()) return file.error();
  if (spec.thumbnail) {
    if (HeifPointer<heif_image_handle> thumbnail = thumbnail_of(*file->primary)) file->primary = std::move(thumbnail);
  }
  const Size size = size_of(*file->primary);
  if (const Status status = check_pixels(size, limits); !status.ok()) return status.error();
  const ScaledRegion region = scaled_region(size, spec.region, 1);
  skip_heif_filters(spec.skip_filters);
  limit_heif_pixels(limits.max_pixels + kCodedMargin);
  if (const Status status = decode(*file->primary, heif_structure(bytes)); !status.ok()) return status.error();
  window_ = region.output;
  Rect covers = region.covers;
  if (coded_) {
    window_.left -= window_.left % 2;  // chroma samples are shared by two columns
    covers.left = window_.left;
  }
  if (coded_ || channels_ == 4) strip_.ensure(static_cast<size_t>(window_.width()) * 3 * kStripRows);
  if (coded_) return DecodedGeometry{window_.size(), covers, 1, size};
  const Size decoded{heif_image_get_primary_height(picture_.get()), heif_image_get_primary_width(picture_.get())};
  if (decoded != size) return ItemError{ItemErrorCode::kCorrupt, "the picture has another size than its header says"};
  return DecodedGeometry{window_.size(), covers, 1, size};
} catch (const std::bad_alloc&) {
  return ItemError{ItemErrorCode::kOutOfMemory, "no memory for the decoded picture"};
}

// What the container says of the colours. `known`: false if yuv_to_rgb.h cannot follow it.
std::optional<YuvLayout> file_colours(const heif_image_handle& handle, bool& known) {
  known = true;
  heif_color_profile_nclx* profile = nullptr;
  const heif_error got = heif_image_handle_get_nclx_color_profile(&handle, &profile);
  if (got.code != heif_error_Ok) return std::nullopt;
  const auto colours = colours_of(profile->matrix_coefficients, profile->full_range_flag != 0);
  heif_nclx_color_profile_free(profile);
  known = colours.has_value();
  return colours;
}

Status HeifDecoder::decode(const heif_image_handle& handle, HeifStructure structure) {
  const HeifPointer<heif_decoding_options> options(heif_decoding_options_alloc());
  if (!options) return ItemError{ItemErrorCode::kOutOfMemory, "no memory for libheif"};
  options->convert_hdr_to_8bit = 1;
  options->strict_decoding = 1;
  channels_ = heif_image_handle_has_alpha_channel(&handle) != 0 ? 4 : 3;
  bool is_known = false;
  const std::optional<YuvLayout> colours = file_colours(handle, is_known);
  if (structure != HeifStructure::kOther && is_known && channels_ == 3) {
    intercept_coded_picture(size_of(handle), structure == HeifStructure::kOneTile, colours);
  }
  heif_image* picture = nullptr;
  const heif_error decoded =
      heif_decode_image(&handle, &picture, heif_colorspace_RGB,
                        channels_ == 4 ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, options.get());
  picture_.reset(picture);
  coded_ = take_coded_picture();
  if (coded_) return ok_status();
  if (decoded.code != heif_error_Ok) return error_of(decoded);
  if (heif_image_get_decoding_warnings(picture, 0, nullptr, 0) > 0) {
    return ItemError{ItemErrorCode::kCorrupt, "the picture decodes only with warnings"};
  }
  pixels_ = heif_image_get_plane_readonly(picture, heif_channel_interleaved, &stride_bytes_);
  if (pixels_ == nullptr) return ItemError{ItemErrorCode::kCorrupt, "libheif gives no pixels"};
  return ok_status();
}

Result<Strip> HeifDecoder::next_strip() {
  const int rows = std::min(kStripRows, window_.height() - next_row_);
  if (rows <= 0) return Strip{next_row_, {}};
  if (coded_) {
    auto* rgb = reinterpret_cast<uint8_t*>(strip_.data());
    const ptrdiff_t stride = ptrdiff_t{window_.width()} * 3;
    const int top = window_.top + next_row_;
    yuv_to_rgb(coded_->planes, {top, window_.left, top + rows, window_.right}, rgb, stride);
    const Strip strip{next_row_, {rgb, {rows, window_.width()}, 3, stride}};
    next_row_ += rows;
    return strip;
  }
  const uint8_t* first =
      pixels_ + ptrdiff_t{window_.top + next_row_} * stride_bytes_ + ptrdiff_t{window_.left} * channels_;
  Strip strip{next_row_, {first, {rows, window_.width()}, 3, stride_bytes_}};
  next_row_ += rows;
  if (channels_ == 3) return strip;
  auto* opaque = reinterpret_cast<uint8_t*>(strip_.data());
  const ptrdiff_t stride = ptrdiff_t{window_.width()} * 3;
  for (int y = 0; y < rows; ++y) {
    composite_over_background(strip.rgb.row(y), window_.width(), kAlphaBackground, opaque + y * stride);
  }
  strip.rgb.data = opaque;
  strip.rgb.stride_bytes = stride;
  return strip;
}

}  // namespace

std::unique_ptr<Decoder> make_heif_decoder() { return std::make_unique<HeifDecoder>(); }

}  // namespace smol
