#include "smol/media/png_library.h"

#include <cstring>
#include <string_view>

namespace smol {
namespace {

constexpr png_alloc_size_t kMaxChunkBytes = 8'000'000;

// libpng prefixes a warning with the chunk that it is about. Pixels depend on the critical chunks (capital letter)
// and on tRNS; a warning without a chunk is about the picture as a whole.
bool concerns_pixels(std::string_view message) {
  const bool names_chunk = message.size() > 5 && message[4] == ':';
  if (!names_chunk) return true;
  return (message[0] >= 'A' && message[0] <= 'Z') || message.starts_with("tRNS");
}

}  // namespace

PngLibrary::~PngLibrary() { finish(); }

bool PngLibrary::start(std::span<const std::byte> file) {
  finish();
  rest_ = file;
  return guarded([this] {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) fail(ItemErrorCode::kOutOfMemory, "no memory for a PNG reader");
    png_set_read_fn(png_, this, on_read);
    png_set_user_limits(png_, kMaxPngSide, kMaxPngSide);
    png_set_chunk_malloc_max(png_, kMaxChunkBytes);
    png_set_crc_action(png_, PNG_CRC_DEFAULT, PNG_CRC_ERROR_QUIT);  // ancillary chunks too: the file is damaged
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);  // all but IHDR, PLTE, tRNS, IDAT, IEND
    png_read_info(png_, info_);
  });
}

void PngLibrary::finish() {
  if (png_ != nullptr) png_destroy_read_struct(&png_, &info_, nullptr);
}

void PngLibrary::fail(ItemErrorCode code, const char* message) {
  code_ = code;
  std::strncpy(message_, message, sizeof(message_) - 1);
  std::longjmp(escape_, 1);
}

void PngLibrary::on_error(png_structp png, png_const_charp message) {
  const bool memory = std::strstr(message, "emory") != nullptr;  // "Out of memory", "Insufficient memory ..."
  static_cast<PngLibrary*>(png_get_error_ptr(png))
      ->fail(memory ? ItemErrorCode::kOutOfMemory : ItemErrorCode::kCorrupt, message);
}

void PngLibrary::on_warning(png_structp png, png_const_charp message) {
  if (concerns_pixels(message)) on_error(png, message);
}

void PngLibrary::on_read(png_structp png, png_bytep target, size_t bytes) {
  auto& library = *static_cast<PngLibrary*>(png_get_io_ptr(png));
  if (bytes > library.rest_.size()) {
    library.fail(ItemErrorCode::kTruncated, "the file ends before the picture does");
  }
  std::memcpy(target, library.rest_.data(), bytes);
  library.rest_ = library.rest_.subspan(bytes);
}

}  // namespace smol
