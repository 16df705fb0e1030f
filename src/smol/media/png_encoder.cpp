#include <png.h>

#include <csetjmp>
#include <cstring>
#include <new>
#include <utility>

#include "smol/media/image_encoder.h"

namespace smol {
namespace {

class PngEncoder {
 public:
  PngEncoder() = default;
  PngEncoder(const PngEncoder&) = delete;
  PngEncoder& operator=(const PngEncoder&) = delete;
  ~PngEncoder() {
    if (png_ != nullptr) png_destroy_write_struct(&png_, &info_);
  }

  // false: libpng failed; error() says how. Nothing in here has a destructor, as failing jumps out.
  bool encode(ConstImageView rgb) {
    if (setjmp(escape_) != 0) return false;
    png_ = png_create_write_struct(PNG_LIBPNG_VER_STRING, this, on_error, [](png_structp, png_const_charp) {});
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) fail(ItemErrorCode::kOutOfMemory, "no memory for a PNG writer");
    png_set_write_fn(png_, this, on_write, [](png_structp) {});
    png_set_compression_level(png_, 6);
    png_set_IHDR(png_, info_, static_cast<png_uint_32>(rgb.size.width), static_cast<png_uint_32>(rgb.size.height), 8,
                 PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png_, info_);
    for (int y = 0; y < rgb.size.height; ++y) png_write_row(png_, rgb.row(y));
    png_write_end(png_, nullptr);
    return true;
  }

  ItemError error() const { return {code_, message_}; }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  [[noreturn]] void fail(ItemErrorCode code, const char* message) {
    code_ = code;
    std::strncpy(message_, message, sizeof(message_) - 1);
    std::longjmp(escape_, 1);
  }
  [[noreturn]] static void on_error(png_structp png, png_const_charp message) {
    const bool is_memory = std::strstr(message, "emory") != nullptr;
    static_cast<PngEncoder*>(png_get_error_ptr(png))
        ->fail(is_memory ? ItemErrorCode::kOutOfMemory : ItemErrorCode::kTooManyPixels, message);
  }
  static bool append(std::vector<std::byte>& bytes, png_bytep data, size_t count) try {
    const auto* first = reinterpret_cast<const std::byte*>(data);
    bytes.insert(bytes.end(), first, first + count);
    return true;
  } catch (const std::bad_alloc&) {
    return false;  // an exception must not cross the library's frames
  }
  static void on_write(png_structp png, png_bytep data, size_t count) {
    auto& encoder = *static_cast<PngEncoder*>(png_get_io_ptr(png));
    if (!append(encoder.bytes_, data, count)) encoder.fail(ItemErrorCode::kOutOfMemory, "no memory for the PNG file");
  }

  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::vector<std::byte> bytes_;
  std::jmp_buf escape_{};
  ItemErrorCode code_ = ItemErrorCode::kTooManyPixels;
  char message_[128] = {};
};

}  // namespace

Result<std::vector<std::byte>> encode_png(ConstImageView rgb) {
  PngEncoder encoder;
  if (!encoder.encode(rgb)) return encoder.error();
  return encoder.take();
}

}  // namespace smol
