#include "smol/media/tiff_file.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>

namespace smol {
namespace {

tmsize_t never_written(thandle_t, void*, tmsize_t) { return -1; }
int nothing_to_close(thandle_t) { return 0; }

}  // namespace

tmsize_t TiffFile::read(thandle_t self, void* to, tmsize_t count) {
  auto& file = *static_cast<TiffFile*>(self);
  const Bytes part = clipped(file.bytes_, file.position_, static_cast<size_t>(count));
  if (part.size() < static_cast<size_t>(count)) file.hit_end_ = true;
  if (!part.empty()) std::memcpy(to, part.data(), part.size());
  file.position_ += part.size();
  return static_cast<tmsize_t>(part.size());
}

toff_t TiffFile::seek(thandle_t self, toff_t offset, int whence) {
  auto& file = *static_cast<TiffFile*>(self);
  const uint64_t origin = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? file.position_ : file.bytes_.size();
  file.position_ = origin + offset;
  return file.position_;
}

toff_t TiffFile::size_of(thandle_t self) { return static_cast<TiffFile*>(self)->bytes_.size(); }

void TiffFile::complain(const char* format, va_list arguments) {
  if (complained_) return;
  complained_ = true;
  std::vsnprintf(complaint_, sizeof complaint_, format, arguments);
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; };
  std::replace_if(complaint_, complaint_ + std::strlen(complaint_), is_control, ' ');
}

// 1: libtiff calls no global handler after these.
int TiffFile::on_error(TIFF*, void* self, const char*, const char* format, va_list arguments) {
  static_cast<TiffFile*>(self)->complain(format, arguments);
  return 1;
}

int TiffFile::on_warning(TIFF*, void* self, const char*, const char* format, va_list arguments) {
  auto& file = *static_cast<TiffFile*>(self);
  // A bit order of the 1980s; the pixels are good.
  const bool harmless = std::string_view(format).starts_with("Old-style LZW codes");
  if (file.warnings_count_ && !harmless) file.complain(format, arguments);
  return 1;
}

Status TiffFile::open(Bytes bytes) {
  close();
  bytes_ = bytes;
  position_ = 0;
  warnings_count_ = false;
  forget_complaints();
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                                 TIFFOpenOptionsFree);
  if (!options) return ItemError{ItemErrorCode::kOutOfMemory, "no memory for libtiff"};
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), on_error, this);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), on_warning, this);
  // "m": no memory mapping, so that every access is checked here.
  handle_ = TIFFClientOpenExt("TIFF", "rm", this, read, never_written, seek, nothing_to_close, size_of, nullptr,
                              nullptr, options.get());
  if (handle_ == nullptr || hit_end_) return error("the directory of the file is damaged");
  return ok_status();
}

void TiffFile::close() {
  if (handle_ != nullptr) TIFFClose(handle_);
  handle_ = nullptr;
}

void TiffFile::begin_pixels() {
  forget_complaints();
  warnings_count_ = true;
}

void TiffFile::forget_complaints() { complained_ = hit_end_ = false; }

ItemError TiffFile::error(const char* what) const {
  if (hit_end_) return {ItemErrorCode::kTruncated, "the file ends before the picture does"};
  return {ItemErrorCode::kCorrupt, complained_ ? complaint_ : what};
}

}  // namespace smol
