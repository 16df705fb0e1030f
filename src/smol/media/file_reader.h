// Reads input files whole, into one buffer that is used again for the next file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "smol/base/aligned_buffer.h"
#include "smol/base/result.h"

namespace smol {

// Not thread-safe: one object a thread. Does not allocate once the buffer is as large as the largest file.
// Symbolic links are followed. Never blocks on a pipe or a device: what is not a regular file is kNotAFile.
class FileReader {
 public:
  // The bytes of the file as long as it was when it was opened (fewer if it shrank meanwhile), valid until the next
  // call. kNotFound, kPermissionDenied, kNotAFile, kEmptyFile, kFileTooLarge (more than max_bytes), kReadFailed.
  Result<std::span<const std::byte>> read(const std::string& path, int64_t max_bytes);

  // The first `bytes` bytes, or all if the file has fewer. The same errors but kFileTooLarge.
  Result<std::span<const std::byte>> read_prefix(const std::string& path, int64_t bytes);

 private:
  AlignedBuffer buffer_;
};

}  // namespace smol
