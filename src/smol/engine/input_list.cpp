#include "smol/engine/input_list.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <functional>
#include <iostream>
#include <queue>

#include "smol/base/error.h"
#include "smol/base/hash.h"
#include "smol/engine/input_walk.h"

namespace smol {
namespace {

// The snapshot: "smol-inputs 1\n", then "id\0path\0" an item, then the table of offsets of every kTableStep-th item,
// then the footer: items, table offset, fingerprint (three u64) and "smolend\n". Little endian.
constexpr std::string_view kHeader = "smol-inputs 1\n";
constexpr std::string_view kEnd = "smolend\n";
constexpr uint64_t kTableStep = 256;
constexpr size_t kFooterBytes = 3 * sizeof(uint64_t) + kEnd.size();
constexpr size_t kBlockBytes = 1 << 16;

class SnapshotWriter {
 public:
  SnapshotWriter(FileSystem& files, const std::filesystem::path& path)
      : files_(files), path_(path), temporary_(path) {
    temporary_ += ".tmp";
    file_ = files.create(temporary_);
    put(kHeader);
  }

  void add(std::string_view id, std::string_view path) {
    if (items_ % kTableStep == 0) table_.push_back(offset_);
    for (const std::string_view text : {id, path}) {
      put(text);
      put(std::string_view("\0", 1));
      fingerprint_.add(text);
      fingerprint_.add(std::string_view("\0", 1));
    }
    ++items_;
  }

  void finish() {
    const uint64_t table_offset = offset_;
    put({reinterpret_cast<const char*>(table_.data()), table_.size() * sizeof(uint64_t)});
    const std::array<uint64_t, 3> footer = {items_, table_offset, fingerprint_.value()};
    put({reinterpret_cast<const char*>(footer.data()), sizeof footer});
    put(kEnd);
    flush();
    file_->sync();
    file_.reset();
    files_.rename(temporary_, path_);
    files_.sync_directory(path_.has_parent_path() ? path_.parent_path() : ".");
  }

 private:
  void put(std::string_view text) {
    block_ += text;
    offset_ += text.size();
    if (block_.size() >= kBlockBytes) flush();
  }
  void flush() {
    file_->write(std::as_bytes(std::span(block_)));
    block_.clear();
  }

  FileSystem& files_;
  const std::filesystem::path path_;
  std::filesystem::path temporary_;
  std::unique_ptr<WritableFile> file_;
  std::string block_;
  uint64_t offset_ = 0;
  uint64_t items_ = 0;
  std::vector<uint64_t> table_;
  Fnv64 fingerprint_;
};

bool matches(const std::string& pattern, const std::string& id) {
  const size_t slash = id.find_last_of('/');
  // As in .gitignore: a pattern without a slash is about the name, one with a slash about the whole path.
  const bool about_name = pattern.find('/') == std::string::npos && slash != std::string::npos;
  return ::fnmatch(pattern.c_str(), about_name ? id.c_str() + slash + 1 : id.c_str(), 0) == 0;
}

bool matches_any(const std::vector<std::string>& patterns, const std::string& id) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matches(pattern, id); });
}

uint64_t splitmix64(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

using OnItem = std::function<void(const std::string& id, const std::string& path)>;

void each_listed(std::FILE* list, const OnItem& on_item) {
  std::string path;
  const auto take = [&] {
    if (!path.empty() && path.back() == '\r') path.pop_back();
    if (!path.empty()) on_item(path, path);
    path.clear();
  };
  std::array<char, kBlockBytes> block;
  while (const size_t got = std::fread(block.data(), 1, block.size(), list)) {
    for (const char c : std::string_view(block.data(), got)) {
      c == '\n' || c == '\0' ? take() : path.push_back(c);  // lines, or `find -print0`
    }
  }
  take();
}

// All items of the source before sampling and limits.
InputCounts each_item(const InputOptions& options, const OnItem& on_item) {
  InputCounts counts;
  const OnItem filtered = [&](const std::string& id, const std::string& path) {
    if (!options.include.empty() && !matches_any(options.include, id)) return;
    if (matches_any(options.exclude, id)) return;
    on_item(id, path);
  };
  const std::string& source = options.source;
  struct stat status{};
  if (source == "-") {
    each_listed(stdin, filtered);
  } else if (::stat(source.c_str(), &status) != 0) {
    throw Error(ErrorCode::kUsage, std::string("cannot open the inputs (") + std::strerror(errno) + "): " + source);
  } else if (S_ISDIR(status.st_mode)) {
    const std::string prefix = source.back() == '/' ? source : source + "/";
    const WalkCounts walked = walk_images(source, [&](const std::string& id) { filtered(id, prefix + id); });
    counts.skipped = walked.skipped;
    counts.unreadable_folders = walked.unreadable_folders;
  } else if (has_image_extension(source) || starts_like_an_image(source)) {
    filtered(source, source);
  } else {
    std::FILE* list = std::fopen(source.c_str(), "rb");
    if (list == nullptr)
      throw Error(ErrorCode::kUsage, std::string("cannot read the list (") + std::strerror(errno) + "): " + source);
    each_listed(list, filtered);
    std::fclose(list);
  }
  return counts;
}

// Which of `total` items a sample of `wanted` takes: those with the smallest hashes of (seed, position). Independent
// of the machine; kept in order.
std::vector<uint64_t> sample_positions(uint64_t total, uint64_t wanted, uint64_t seed) {
  std::priority_queue<std::pair<uint64_t, uint64_t>> smallest;
  for (uint64_t i = 0; i < total; ++i) {
    smallest.emplace(splitmix64(splitmix64(seed) ^ i), i);
    if (smallest.size() > wanted) smallest.pop();
  }
  std::vector<uint64_t> positions;
  for (; !smallest.empty(); smallest.pop()) positions.push_back(smallest.top().second);
  std::sort(positions.begin(), positions.end());
  return positions;
}

}  // namespace

InputCounts snapshot_inputs(const InputOptions& options, FileSystem& files, const std::filesystem::path& path) {
  const auto limit = options.limit > 0 ? options.limit : UINT64_MAX;
  InputCounts counts;
  uint64_t kept = 0;
  SnapshotWriter writer(files, path);
  if (options.sample == 0) {
    counts = each_item(options, [&](const std::string& id, const std::string& item_path) {
      if (kept >= limit) return;
      writer.add(id, item_path);
      ++kept;
    });
  } else {
    // The source is spooled first: stdin can be read only once, and a folder may change under two walks.
    const std::filesystem::path spool = path.string() + ".all";
    InputOptions all = options;
    all.sample = 0;
    all.limit = 0;
    counts = snapshot_inputs(all, files, spool);
    InputList list(spool);
    Item item;
    for (const uint64_t position : sample_positions(list.size(), options.sample, options.seed)) {
      if (kept >= limit) break;
      list.seek(position);
      list.next(item);
      writer.add(item.id, item.path);
      ++kept;
    }
    std::filesystem::remove(spool);
  }
  counts.items = kept;
  writer.finish();
  return counts;
}

struct InputList::Impl {
  int file = -1;
  std::string path;
  uint64_t items = 0;
  uint64_t table_offset = 0;
  uint64_t fingerprint = 0;
  uint64_t next_ordinal = 0;
  uint64_t block_offset = 0;  // of the bytes behind the block in the file
  std::array<char, kBlockBytes> block;
  size_t block_at = 0;
  size_t block_end = 0;

  ~Impl() {
    if (file >= 0) ::close(file);
  }
  [[noreturn]] void damaged() const {
    throw Error(ErrorCode::kFailed,
                "the list of inputs is missing or damaged (begin anew with --overwrite): " + path);
  }
  void read_at(void* to, size_t bytes, uint64_t offset) const {
    if (::pread(file, to, bytes, static_cast<off_t>(offset)) != static_cast<ssize_t>(bytes)) damaged();
  }
  void jump(uint64_t offset) {
    block_offset = offset;
    block_at = block_end = 0;
  }
  void read_text(std::string& text) {
    text.clear();
    while (true) {
      if (block_at == block_end) {
        const ssize_t got = ::pread(file, block.data(), block.size(), static_cast<off_t>(block_offset));
        if (got <= 0) damaged();
        block_offset += static_cast<uint64_t>(got);
        block_at = 0;
        block_end = static_cast<size_t>(got);
      }
      const char* begin = block.data() + block_at;
      const auto* zero = static_cast<const char*>(std::memchr(begin, 0, block_end - block_at));
      const size_t length = zero != nullptr ? static_cast<size_t>(zero - begin) : block_end - block_at;
      text.append(begin, length);
      block_at += length + (zero != nullptr ? 1 : 0);
      if (zero != nullptr) return;
    }
  }
};

InputList::InputList(const std::filesystem::path& snapshot) : impl_(std::make_unique<Impl>()) {
  impl_->path = snapshot.string();
  impl_->file = ::open(snapshot.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status{};
  if (impl_->file < 0 || ::fstat(impl_->file, &status) != 0) impl_->damaged();
  const auto bytes = static_cast<uint64_t>(status.st_size);
  std::array<char, kFooterBytes> footer;
  if (bytes < kHeader.size() + kFooterBytes) impl_->damaged();
  impl_->read_at(footer.data(), footer.size(), bytes - kFooterBytes);
  if (std::memcmp(footer.data() + 3 * sizeof(uint64_t), kEnd.data(), kEnd.size()) != 0) impl_->damaged();
  std::memcpy(&impl_->items, footer.data(), sizeof(uint64_t));
  std::memcpy(&impl_->table_offset, footer.data() + sizeof(uint64_t), sizeof(uint64_t));
  std::memcpy(&impl_->fingerprint, footer.data() + 2 * sizeof(uint64_t), sizeof(uint64_t));
  seek(0);
}

InputList::~InputList() = default;
uint64_t InputList::size() const { return impl_->items; }
uint64_t InputList::fingerprint() const { return impl_->fingerprint; }

void InputList::seek(uint64_t ordinal) {
  Impl& impl = *impl_;
  if (ordinal == impl.next_ordinal && impl.block_offset > 0) return;  // reading on
  impl.next_ordinal = ordinal;
  if (ordinal >= impl.items) return;
  uint64_t offset = 0;
  impl.read_at(&offset, sizeof offset, impl.table_offset + ordinal / kTableStep * sizeof offset);
  impl.jump(offset);
  std::string skipped;
  for (uint64_t i = 0; i < 2 * (ordinal % kTableStep); ++i) impl.read_text(skipped);
}

bool InputList::next(Item& item) {
  if (impl_->next_ordinal >= impl_->items) return false;
  impl_->read_text(item.id);
  impl_->read_text(item.path);
  item.ordinal = impl_->next_ordinal++;
  return true;
}

}  // namespace smol
