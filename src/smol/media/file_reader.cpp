#include "smol/media/file_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include "smol/base/descriptor.h"

namespace smol {
namespace {

Descriptor open_for_reading(const std::string& path) {
  int number = -1;
  do {
    // O_NONBLOCK: opening a pipe without a writer must not wait for one. Regular files ignore it.
    number = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  } while (number < 0 && errno == EINTR);
  return Descriptor(number);
}

ItemError system_error(const char* action, int code) {
  ItemErrorCode item_code = ItemErrorCode::kReadFailed;
  switch (code) {
    case ENOENT:
    case ENOTDIR:
    case ELOOP:  // links that lead in a circle lead nowhere
    case ENAMETOOLONG: item_code = ItemErrorCode::kNotFound; break;
    case EACCES:
    case EPERM: item_code = ItemErrorCode::kPermissionDenied; break;
    case EISDIR:
    case ENXIO:  // a socket
    case ENODEV: item_code = ItemErrorCode::kNotAFile; break;
    default: break;
  }
  return {item_code, std::string("cannot ") + action + ": " + std::strerror(code)};
}

// The size of the open regular file, at least 1.
Result<int64_t> size_bytes(const Descriptor& file) {
  if (!file.is_open()) return system_error("open", errno);
  struct stat facts{};
  if (::fstat(file.number(), &facts) != 0) return system_error("stat", errno);
  if (!S_ISREG(facts.st_mode)) return ItemError{ItemErrorCode::kNotAFile, "a folder, pipe, socket or device"};
  if (facts.st_size == 0) return ItemError{ItemErrorCode::kEmptyFile, "the file has no bytes"};
  return int64_t{facts.st_size};
}

Result<std::span<const std::byte>> read_into(AlignedBuffer& buffer, const Descriptor& file, int64_t bytes) {
  const auto wanted = static_cast<size_t>(bytes);
  try {
    buffer.ensure(wanted);
  } catch (const std::bad_alloc&) {
    return ItemError{ItemErrorCode::kOutOfMemory, "no memory for a file of " + std::to_string(bytes) + " bytes"};
  }
  size_t done = 0;
  while (done < wanted) {
    const ssize_t count = ::read(file.number(), buffer.data() + done, wanted - done);
    if (count < 0) {
      if (errno == EINTR) continue;
      return system_error("read", errno);
    }
    if (count == 0) break;  // it shrank: the decoder will see that something is missing
    done += static_cast<size_t>(count);
  }
  if (done == 0) return ItemError{ItemErrorCode::kEmptyFile, "the file has no bytes"};
  return std::span<const std::byte>(buffer.data(), done);
}

}  // namespace

Result<std::span<const std::byte>> FileReader::read(const std::string& path, int64_t max_bytes) {
  const Descriptor file = open_for_reading(path);
  const Result<int64_t> size = size_bytes(file);
  if (!size.ok()) return size.error();
  if (*size > max_bytes) {
    return ItemError{ItemErrorCode::kFileTooLarge,
                     std::to_string(*size) + " bytes, more than the limit of " + std::to_string(max_bytes)};
  }
  return read_into(buffer_, file, *size);
}

Result<std::span<const std::byte>> FileReader::read_prefix(const std::string& path, int64_t bytes) {
  const Descriptor file = open_for_reading(path);
  const Result<int64_t> size = size_bytes(file);
  if (!size.ok()) return size.error();
  return read_into(buffer_, file, std::min(*size, bytes));
}

}  // namespace smol
