// Reads whole files into one reused buffer.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "smol/base/aligned_buffer.h"
#include "smol/base/result.h"

namespace smol {

// Not thread-safe: one object a thread. What read() returned is valid until the next read().
class FileReader {
 public:
  // Errors: kNotFound, kPermissionDenied, kNotAFile (never blocks on a FIFO or a device), kEmptyFile, kFileTooLarge,
  // kReadFailed. Symbolic links are followed.
  Result<std::span<const std::byte>> read(const std::string& path, int64_t max_bytes);

 private:
  AlignedBuffer buffer_;
};

}  // namespace smol
