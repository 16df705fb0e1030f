#include "smol/engine/list_reader.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

#include "smol/base/error.h"

namespace smol {
namespace {

class ListReader {
 public:
  ListReader(int descriptor, const std::string& name)
      : descriptor_(descriptor), name_(name), buffer_(2 * kLongestListedPathBytes) {}

  void run(const std::function<bool(std::string_view path)>& path) {
    while (!at_end_ && end_ < kLongestListedPathBytes) fill();
    choose_separator();
    std::string_view entry;
    while (next(entry)) {
      if (!entry.empty() && !path(entry)) return;
    }
  }

 private:
  void choose_separator() {
    // Not all that was read: how much that is depends on the pipe.
    const std::string_view start(buffer_.data(), std::min(end_, kLongestListedPathBytes));
    if (start.starts_with("\xFF\xFE") || start.starts_with("\xFE\xFF")) {
      throw Error(ErrorCode::kUsage, "the list is UTF-16: write it as UTF-8: " + name_);
    }
    if (start.find('\0') != start.npos) {
      separator_ = '\0';
    } else if (start.starts_with("\xEF\xBB\xBF")) {
      begin_ = 3;
    }
  }

  void fill() {
    const ssize_t got = ::read(descriptor_, buffer_.data() + end_, buffer_.size() - end_);
    if (got < 0) {
      if (errno == EINTR) throw Error(ErrorCode::kInterrupted, "interrupted while reading the list: " + name_);
      throw Error(ErrorCode::kFailed, "cannot read " + name_ + ": " + std::strerror(errno));
    }
    end_ += static_cast<size_t>(got);
    at_end_ = got == 0;
  }

  // The next entry, without its separator. false: there is none.
  bool next(std::string_view& entry) {
    size_t searched = 0;
    ++number_;
    while (true) {
      const std::string_view rest(buffer_.data() + begin_, end_ - begin_);
      size_t length = rest.find(separator_, searched);
      const bool is_separated = length != rest.npos;
      if (!is_separated) length = rest.size();
      if (length > kLongestListedPathBytes) refuse("has a line of more than 65,536 bytes");
      if (!is_separated && !at_end_) {
        searched = rest.size();
        make_room();
        fill();
        continue;
      }
      if (rest.empty()) return false;
      entry = rest.substr(0, length);
      begin_ += length + is_separated;
      if (separator_ == '\n') {
        if (entry.ends_with('\r')) entry.remove_suffix(1);
        if (entry.find('\0') != entry.npos) refuse("has a line with a NUL byte");
      }
      return true;
    }
  }

  // What is left is shorter than the longest path, half of the buffer.
  void make_room() {
    if (end_ < buffer_.size()) return;
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }

  [[noreturn]] void refuse(const char* reason) const {
    throw Error(ErrorCode::kUsage,
                std::string("not a list of paths, it ") + reason + ": " + name_ + " line " + std::to_string(number_));
  }

  int descriptor_;
  std::string name_;
  std::vector<char> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  bool at_end_ = false;
  char separator_ = '\n';
  uint64_t number_ = 0;  // of the entry at hand, from 1
};

}  // namespace

void read_list(int descriptor, const std::string& name, const std::function<bool(std::string_view path)>& path) {
  ListReader(descriptor, name).run(path);
}

}  // namespace smol
