// libjpeg's error handling made safe for C++: every call that can fail runs inside JpegLibrary::guarded().
#pragma once

#include <csetjmp>
#include <cstddef>
#include <span>

#include "smol/base/result.h"

// clang-format off: jpeglib.h needs <cstdio> in front of it
#include <cstdio>
#include <jpeglib.h>
// clang-format on

namespace smol {

// One decompressor. It is made anew for each image: a reused one would keep the last image's tables, and a file that
// lacks its own would decode differently depending on what came before it.
class JpegLibrary {
 public:
  JpegLibrary();
  ~JpegLibrary();
  JpegLibrary(const JpegLibrary&) = delete;
  JpegLibrary& operator=(const JpegLibrary&) = delete;

  // Makes a decompressor that reads `jpeg`, and gives up when it is in scan max_scans + 1. False on failure.
  bool start(std::span<const std::byte> jpeg, int max_scans);
  // Reads on in `parts` as if they were the file. The first must be longer than what was read by start(), and begin
  // with it. The parts and what they point to must stay alive.
  void read_parts(std::span<const std::span<const std::byte>> parts);
  void finish();

  // Runs `call`, which uses info(). False if the library failed *or warned*; error() says how. Failing jumps out of
  // `call` with longjmp: nothing with a destructor may live in it.
  template <typename Call>
  bool guarded(Call call) {
    if (setjmp(failure_.escape) != 0) return false;
    call();
    return true;
  }

  jpeg_decompress_struct& info() { return info_; }
  ItemError error() const { return {failure_.code, failure_.message}; }

 private:
  // The library hands back pointers to the first members.
  struct Failure {
    jpeg_error_mgr manager;
    std::jmp_buf escape;
    ItemErrorCode code;
    char message[JMSG_LENGTH_MAX];
  };
  struct Source {
    jpeg_source_mgr manager;
    size_t size;                                       // of the file as given to start()
    std::span<const std::span<const std::byte>> rest;  // read when the manager's buffer is empty
  };
  struct Progress {
    jpeg_progress_mgr manager;
    int max_scans;
  };

  static void fail(j_common_ptr info);
  static void on_message(j_common_ptr info, int level);
  static void on_progress(j_common_ptr info);
  static boolean on_source_empty(j_decompress_ptr info);
  static void skip_source(j_decompress_ptr info, long bytes);
  [[noreturn]] static void escape(j_common_ptr info, ItemErrorCode code, const char* message);

  jpeg_decompress_struct info_{};
  Failure failure_{};
  Progress progress_{};
  Source source_{};
};

}  // namespace smol
