#include "smol/media/jpeg_library.h"

#include <jerror.h>

#include <cstring>

namespace smol {
namespace {

ItemErrorCode classify(int message_code) {
  switch (message_code) {
    case JERR_BAD_PRECISION:
    case JERR_SOF_UNSUPPORTED:
    case JERR_ARITH_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_COMPONENT_COUNT:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_CCIR601_NOTIMPL: return ItemErrorCode::kUnsupportedFormat;
    case JERR_IMAGE_TOO_BIG: return ItemErrorCode::kTooManyPixels;  // a side over the library's 65500
    case JERR_OUT_OF_MEMORY: return ItemErrorCode::kOutOfMemory;
    case JERR_INPUT_EOF:
    case JERR_INPUT_EMPTY:
    case JWRN_JPEG_EOF: return ItemErrorCode::kTruncated;
    default: return ItemErrorCode::kCorrupt;
  }
}

}  // namespace

JpegLibrary::JpegLibrary() {
  jpeg_std_error(&failure_.manager);
  failure_.manager.error_exit = fail;
  failure_.manager.emit_message = on_message;
  progress_.manager.progress_monitor = on_progress;
  source_.manager.init_source = [](j_decompress_ptr) {};
  source_.manager.fill_input_buffer = on_source_empty;
  source_.manager.skip_input_data = skip_source;
  source_.manager.resync_to_restart = jpeg_resync_to_restart;
  source_.manager.term_source = [](j_decompress_ptr) {};
}

JpegLibrary::~JpegLibrary() { finish(); }

bool JpegLibrary::start(std::span<const std::byte> jpeg, int max_scans) {
  finish();
  progress_.max_scans = max_scans;
  source_.manager.next_input_byte = reinterpret_cast<const JOCTET*>(jpeg.data());
  source_.manager.bytes_in_buffer = jpeg.size();
  source_.size = jpeg.size();
  source_.rest = {};
  return guarded([this] {
    info_.err = &failure_.manager;
    jpeg_create_decompress(&info_);
    info_.src = &source_.manager;
    info_.progress = &progress_.manager;
    jpeg_read_header(&info_, TRUE);
  });
}

void JpegLibrary::read_parts(std::span<const std::span<const std::byte>> parts) {
  const size_t read = source_.size - source_.manager.bytes_in_buffer;
  source_.manager.bytes_in_buffer = parts.front().size() - read;
  source_.rest = parts.subspan(1);
}

void JpegLibrary::finish() {
  jpeg_destroy_decompress(&info_);  // also safe before the first start and twice: it looks at info_.mem
  info_ = {};
}

void JpegLibrary::escape(j_common_ptr info, ItemErrorCode code, const char* message) {
  auto* failure = reinterpret_cast<Failure*>(info->err);
  failure->code = code;
  std::strncpy(failure->message, message, sizeof(failure->message) - 1);
  std::longjmp(failure->escape, 1);
}

void JpegLibrary::fail(j_common_ptr info) {
  char message[JMSG_LENGTH_MAX];
  info->err->format_message(info, message);
  escape(info, classify(info->err->msg_code), message);
}

void JpegLibrary::on_message(j_common_ptr info, int level) {
  // Warnings have level -1. An unknown JFIF version is one of them, but says nothing about the picture.
  if (level >= 0 || info->err->msg_code == JWRN_JFIF_MAJOR) return;
  fail(info);
}

void JpegLibrary::on_progress(j_common_ptr info) {
  // Each scan may cost a pass over the whole picture for a few bytes of file.
  const auto* progress = reinterpret_cast<const Progress*>(info->progress);
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= progress->max_scans) return;
  escape(info, ItemErrorCode::kCorrupt, "more scans than the limit");
}

boolean JpegLibrary::on_source_empty(j_decompress_ptr info) {
  auto* source = reinterpret_cast<Source*>(info->src);
  if (source->rest.empty()) {
    escape(reinterpret_cast<j_common_ptr>(info), ItemErrorCode::kTruncated, "the file ends before the picture does");
  }
  source->manager.next_input_byte = reinterpret_cast<const JOCTET*>(source->rest.front().data());
  source->manager.bytes_in_buffer = source->rest.front().size();
  source->rest = source->rest.subspan(1);
  return TRUE;
}

void JpegLibrary::skip_source(j_decompress_ptr info, long bytes) {
  if (bytes <= 0) return;
  auto left = static_cast<size_t>(bytes);
  jpeg_source_mgr* source = info->src;
  while (left > source->bytes_in_buffer) {
    left -= source->bytes_in_buffer;
    on_source_empty(info);
  }
  source->next_input_byte += left;
  source->bytes_in_buffer -= left;
}

}  // namespace smol
