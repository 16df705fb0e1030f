#include "smol/media/file_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

namespace smol {
namespace {

ItemError error_of(int code, const char* action) {
  ItemErrorCode item_code = ItemErrorCode::kReadFailed;
  // A name that cannot exist (too long, a loop of links, a file where a folder should be) is not there.
  if (code == ENOENT || code == ENOTDIR || code == ELOOP || code == ENAMETOOLONG) item_code = ItemErrorCode::kNotFound;
  if (code == EACCES || code == EPERM) item_code = ItemErrorCode::kPermissionDenied;
  if (code == ENXIO || code == ENODEV) item_code = ItemErrorCode::kNotAFile;
  return {item_code, std::string(action) + ": " + std::strerror(code)};
}

class Descriptor {
 public:
  explicit Descriptor(const char* path) {
    do {
      number_ = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // non-blocking: a FIFO must not hold us
    } while (number_ < 0 && errno == EINTR);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }

 private:
  int number_ = -1;
};

}  // namespace

Result<std::span<const std::byte>> FileReader::read(const std::string& path, int64_t max_bytes) {
  const Descriptor file(path.c_str());
  if (file.number() < 0) return error_of(errno, "cannot open");
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) return error_of(errno, "cannot stat");
  if (!S_ISREG(status.st_mode)) return ItemError{ItemErrorCode::kNotAFile, "not a regular file"};
  if (status.st_size == 0) return ItemError{ItemErrorCode::kEmptyFile, "the file is empty"};
  if (status.st_size > max_bytes) {
    return ItemError{ItemErrorCode::kFileTooLarge, "more bytes than --max-file-bytes: " + std::to_string(status.st_size)};
  }
  const auto size = static_cast<size_t>(status.st_size);
  try {
    // Doubling keeps a run over ever larger files from growing the buffer at every one of them.
    if (size > buffer_.capacity()) buffer_.ensure(std::min(std::max(size, 2 * buffer_.capacity()), static_cast<size_t>(max_bytes)));
  } catch (const std::bad_alloc&) {
    return ItemError{ItemErrorCode::kOutOfMemory, "not enough memory to read the file"};
  }
  size_t filled = 0;
  while (filled < size) {
    const ssize_t got = ::read(file.number(), buffer_.data() + filled, size - filled);
    if (got < 0) {
      if (errno == EINTR) continue;
      return error_of(errno, "cannot read");
    }
    if (got == 0) break;  // the file shrank: what is there decides
    filled += static_cast<size_t>(got);
  }
  if (filled == 0) return ItemError{ItemErrorCode::kEmptyFile, "the file is empty"};
  return std::span<const std::byte>(buffer_.data(), filled);
}

}  // namespace smol
