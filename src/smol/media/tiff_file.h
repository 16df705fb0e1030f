// A TIFF file in memory, opened by libtiff; its complaints, kept.
#pragma once

#include <tiffio.h>

#include <string>

#include "smol/base/result.h"
#include "smol/media/bytes.h"

namespace smol {

// Reads from the bytes given to open(), which must stay alive. Nothing is printed, no global handler is replaced.
class TiffFile {
 public:
  TiffFile() = default;
  TiffFile(const TiffFile&) = delete;
  TiffFile& operator=(const TiffFile&) = delete;
  ~TiffFile() { close(); }

  // The first directory. What libtiff warns of in a directory (unknown tags, values it corrects) is no error, but an
  // end of the file within it is.
  Status open(Bytes bytes);
  void close();
  TIFF* handle() const { return handle_; }
  size_t file_bytes() const { return bytes_.size(); }

  // Forgets complaints. From here on, warnings are errors.
  void begin_pixels();
  // Whether libtiff has complained since.
  bool has_complaint() const { return complained_ || hit_end_; }
  // Forgets complaints: those about directories that are not needed.
  void forget_complaints();
  // kTruncated if libtiff wanted bytes behind the end, otherwise kCorrupt; the message is libtiff's if it had one.
  ItemError error(const char* what) const;

 private:
  static tmsize_t read(thandle_t self, void* to, tmsize_t count);
  static toff_t seek(thandle_t self, toff_t offset, int whence);
  static toff_t size_of(thandle_t self);
  static int on_error(TIFF* handle, void* self, const char* module, const char* format, va_list arguments);
  static int on_warning(TIFF* handle, void* self, const char* module, const char* format, va_list arguments);
  void complain(const char* format, va_list arguments);

  Bytes bytes_;
  uint64_t position_ = 0;
  TIFF* handle_ = nullptr;
  bool warnings_count_ = false;
  bool complained_ = false;
  bool hit_end_ = false;
  char complaint_[160] = {};  // the first one
};

}  // namespace smol
