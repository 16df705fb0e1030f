// libpng's error handling made safe for C++: every call that can fail runs inside PngLibrary::guarded().
#pragma once

#include <png.h>

#include <csetjmp>
#include <cstddef>
#include <span>

#include "smol/base/result.h"

namespace smol {

// Longest side that is decoded: libpng holds a few rows, so a picture of one row must not be arbitrarily wide.
inline constexpr png_uint_32 kMaxPngSide = 1'000'000;

class PngLibrary {
 public:
  PngLibrary() = default;
  ~PngLibrary();
  PngLibrary(const PngLibrary&) = delete;
  PngLibrary& operator=(const PngLibrary&) = delete;

  // Makes a reader of `file` and reads up to the pixels. Ancillary chunks other than tRNS are skipped unopened, so
  // that compressed profiles and texts can neither fail nor grow; only their checksums count. False on failure.
  bool start(std::span<const std::byte> file);
  void finish();

  // Runs `call`, which uses png() and info(). False if libpng failed or warned about something that pixels depend
  // on; error() says how. Failing jumps out of `call`: nothing with a destructor may live in it.
  template <typename Call>
  bool guarded(Call call) {
    if (setjmp(escape_) != 0) return false;
    call();
    return true;
  }

  png_structp png() { return png_; }
  png_infop info() { return info_; }
  ItemError error() const { return {code_, message_}; }

 private:
  [[noreturn]] void fail(ItemErrorCode code, const char* message);
  [[noreturn]] static void on_error(png_structp png, png_const_charp message);
  static void on_warning(png_structp png, png_const_charp message);
  static void on_read(png_structp png, png_bytep target, size_t bytes);

  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::span<const std::byte> rest_;  // of the file, not read yet
  std::jmp_buf escape_{};
  ItemErrorCode code_ = ItemErrorCode::kCorrupt;
  char message_[128] = {};
};

}  // namespace smol
