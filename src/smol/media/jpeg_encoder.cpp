#include <csetjmp>
#include <cstdlib>
#include <cstring>
#include <new>
#include <span>

#include "smol/media/image_encoder.h"

// clang-format off: jpeglib.h needs <cstdio> in front of it
#include <cstdio>
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

namespace smol {
namespace {

class JpegEncoder {
 public:
  JpegEncoder() {
    jpeg_std_error(&failure_.manager);
    failure_.manager.error_exit = on_error;
    failure_.manager.emit_message = [](j_common_ptr, int) {};
    info_.err = &failure_.manager;
  }
  JpegEncoder(const JpegEncoder&) = delete;
  JpegEncoder& operator=(const JpegEncoder&) = delete;
  ~JpegEncoder() {
    jpeg_destroy_compress(&info_);
    std::free(file_);
  }

  // false: libjpeg failed; error() says how. Nothing in here has a destructor, as failing jumps out.
  bool encode(ConstImageView rgb, int quality) {
    if (setjmp(failure_.escape) != 0) return false;
    jpeg_create_compress(&info_);
    jpeg_mem_dest(&info_, &file_, &file_bytes_);
    info_.image_width = static_cast<JDIMENSION>(rgb.size.width);
    info_.image_height = static_cast<JDIMENSION>(rgb.size.height);
    info_.input_components = 3;
    info_.in_color_space = JCS_RGB;
    jpeg_set_defaults(&info_);  // YCbCr, 4:2:0
    jpeg_set_quality(&info_, quality, TRUE);
    info_.optimize_coding = TRUE;
    jpeg_start_compress(&info_, TRUE);
    while (info_.next_scanline < info_.image_height) {
      auto* row = const_cast<JSAMPROW>(rgb.row(static_cast<int>(info_.next_scanline)));  // only read
      jpeg_write_scanlines(&info_, &row, 1);
    }
    jpeg_finish_compress(&info_);
    return true;
  }

  ItemError error() const { return {failure_.code, failure_.message}; }
  std::span<const std::byte> file() const { return {reinterpret_cast<const std::byte*>(file_), file_bytes_}; }

 private:
  struct Failure {  // the library hands back a pointer to its first member
    jpeg_error_mgr manager;
    std::jmp_buf escape;
    ItemErrorCode code;
    char message[JMSG_LENGTH_MAX];
  };
  static void on_error(j_common_ptr info) {
    auto* failure = reinterpret_cast<Failure*>(info->err);
    info->err->format_message(info, failure->message);
    failure->code =
        info->err->msg_code == JERR_OUT_OF_MEMORY ? ItemErrorCode::kOutOfMemory : ItemErrorCode::kTooManyPixels;
    std::longjmp(failure->escape, 1);
  }

  jpeg_compress_struct info_{};
  Failure failure_{};
  unsigned char* file_ = nullptr;
  unsigned long file_bytes_ = 0;
};

}  // namespace

Result<std::vector<std::byte>> encode_jpeg(ConstImageView rgb, int quality) try {
  JpegEncoder encoder;
  if (!encoder.encode(rgb, quality)) return encoder.error();
  const std::span<const std::byte> file = encoder.file();
  return std::vector<std::byte>(file.begin(), file.end());
} catch (const std::bad_alloc&) {
  return ItemError{ItemErrorCode::kOutOfMemory, "no memory for the JPEG file"};
}

}  // namespace smol
