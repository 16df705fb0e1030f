#include "smol/measure/prediction_cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "smol/base/descriptor.h"
#include "smol/base/error.h"
#include "smol/base/hash.h"

namespace smol {
namespace {

constexpr std::string_view kMagic = "smolpred1\n";
constexpr size_t kRecordHead = 4 + 8;  // length and hash of the payload
constexpr uint32_t kMaxPayload = 1 << 16;

// Numbers as this machine has them: the folder is a cache of this machine.
template <typename T>
void put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

template <typename T>
bool take(std::string_view& in, T& value) {
  if (in.size() < sizeof(value)) return false;
  std::memcpy(&value, in.data(), sizeof(value));
  in.remove_prefix(sizeof(value));
  return true;
}

bool take(std::string_view& in, std::string& text, size_t bytes) {
  if (in.size() < bytes) return false;
  text = in.substr(0, bytes);
  in.remove_prefix(bytes);
  return true;
}

constexpr std::array kLasting = {
    ItemErrorCode::kEmptyFile,         ItemErrorCode::kFileTooLarge,  ItemErrorCode::kUnknownFormat,
    ItemErrorCode::kUnsupportedFormat, ItemErrorCode::kTooManyPixels, ItemErrorCode::kTruncated,
    ItemErrorCode::kCorrupt,           ItemErrorCode::kBadRegion,
};

// By name: the numbers of the enumerators change when one is added.
std::optional<ItemErrorCode> lasting_code(std::string_view name) {
  for (const ItemErrorCode code : kLasting) {
    if (item_error_name(code) == name) return code;
  }
  return std::nullopt;
}

std::string payload_of(const ItemKey& key, const Prediction& prediction) {
  std::string payload;
  put(payload, key.high);
  put(payload, key.low);
  const std::string_view code = prediction.error ? item_error_name(prediction.error->code) : std::string_view();
  put(payload, static_cast<uint8_t>(code.size()));
  payload += code;
  if (prediction.error) {
    payload += std::string_view(prediction.error->message).substr(0, kMaxPayload / 2);
    return payload;
  }
  for (size_t i = 0; i < prediction.classes.size(); ++i) {
    put(payload, prediction.classes[i]);
    put(payload, prediction.values[i]);
  }
  return payload;
}

bool parse_payload(std::string_view payload, ItemKey& key, Prediction& prediction) {
  uint8_t code_bytes = 0;
  std::string code;
  if (!take(payload, key.high) || !take(payload, key.low) || !take(payload, code_bytes) ||
      !take(payload, code, code_bytes)) {
    return false;
  }
  if (!code.empty()) {
    const std::optional<ItemErrorCode> known = lasting_code(code);
    if (known) prediction.error = ItemError{*known, std::string(payload)};
    return known.has_value();
  }
  int32_t index = 0;
  float value = 0;
  while (!payload.empty()) {
    if (!take(payload, index) || !take(payload, value)) return false;
    prediction.classes.push_back(index);
    prediction.values.push_back(value);
  }
  return !prediction.classes.empty();
}

[[noreturn]] void fail(const std::filesystem::path& file, const char* what) {
  throw Error(ErrorCode::kFailed, std::string("cannot ") + what + " kept predictions (" + std::strerror(errno) +
                                      "): choose another folder with --cache: " + file.string());
}

std::string read_whole(const Descriptor& file, const std::filesystem::path& path) {
  struct stat status{};
  if (::fstat(file.number(), &status) != 0) fail(path, "read");
  std::string bytes(static_cast<size_t>(status.st_size), '\0');
  size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t n = ::pread(file.number(), bytes.data() + got, bytes.size() - got, static_cast<off_t>(got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(path, "read");
    if (n == 0) break;  // it became shorter meanwhile
    got += static_cast<size_t>(n);
  }
  bytes.resize(got);
  return bytes;
}

void write_whole(const Descriptor& file, std::string_view bytes, size_t offset, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(file.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(path, "write");
    bytes.remove_prefix(static_cast<size_t>(n));
    offset += static_cast<size_t>(n);
  }
}

std::string header_of(const std::string& configuration) {
  std::string header(kMagic);
  put(header, static_cast<uint32_t>(configuration.size()));
  return header + configuration;
}

}  // namespace

std::optional<ItemKey> item_key(const Item& item) {
  struct stat status{};
  if (::stat(item.path.c_str(), &status) != 0) return std::nullopt;
  std::string text = std::filesystem::absolute(item.path).lexically_normal().string();
  put(text, static_cast<int64_t>(status.st_size));
  put(text, static_cast<int64_t>(status.st_mtim.tv_sec));
  put(text, static_cast<int64_t>(status.st_mtim.tv_nsec));
  if (item.region) {
    for (const int side : {item.region->top, item.region->left, item.region->bottom, item.region->right})
      put(text, side);
  }
  if (item.frame) put(text, item.frame->number);
  return ItemKey{hash64(text, 1), hash64(text, 2)};
}

bool is_lasting(ItemErrorCode code) { return lasting_code(item_error_name(code)).has_value(); }

PredictionCache::PredictionCache(const std::filesystem::path& directory, std::string configuration)
    : configuration_(std::move(configuration)) {
  if (directory.empty()) return;
  file_ = directory / "predictions" / (hex16(hash64(configuration_, 1)) + hex16(hash64(configuration_, 2)) + ".bin");
  const Descriptor file(::open(file_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    if (errno == ENOENT || errno == ENOTDIR) return;
    fail(file_, "read");
  }
  const std::string bytes = read_whole(file, file_);
  const std::string header = header_of(configuration_);
  if (bytes.starts_with(header)) read_records(bytes, header.size());
}

size_t PredictionCache::read_records(std::string_view bytes, size_t offset) {
  while (true) {
    std::string_view rest = bytes.substr(offset);
    uint32_t length = 0;
    uint64_t hash = 0;
    if (!take(rest, length) || !take(rest, hash) || length > kMaxPayload || rest.size() < length) return offset;
    const std::string_view payload = rest.substr(0, length);
    ItemKey key;
    Prediction prediction;
    if (hash64(payload, length) != hash || !parse_payload(payload, key, prediction)) return offset;
    predictions_.insert_or_assign(key, std::move(prediction));
    offset += kRecordHead + length;
  }
}

const Prediction* PredictionCache::find(const ItemKey& key) const {
  const auto found = predictions_.find(key);
  return found == predictions_.end() ? nullptr : &found->second;
}

void PredictionCache::add(const ItemKey& key, Prediction prediction) {
  if (!prediction.error || is_lasting(prediction.error->code)) {
    const std::string payload = payload_of(key, prediction);
    put(unwritten_, static_cast<uint32_t>(payload.size()));
    put(unwritten_, hash64(payload, payload.size()));
    unwritten_ += payload;
  }
  predictions_.insert_or_assign(key, std::move(prediction));
}

void PredictionCache::flush() {
  if (file_.empty() || unwritten_.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(file_.parent_path(), error);
  if (error) {
    errno = error.value();
    fail(file_, "write");
  }
  const Descriptor file(::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!file.is_open()) fail(file_, "write");
  while (::flock(file.number(), LOCK_EX) != 0) {
    if (errno != EINTR) fail(file_, "lock");
  }
  // What others appended meanwhile counts; what is torn is written over.
  const std::string bytes = read_whole(file, file_);
  const std::string header = header_of(configuration_);
  size_t end = header.size();
  if (bytes.starts_with(header)) {
    end = read_records(bytes, end);
  } else {
    write_whole(file, header, 0, file_);
  }
  write_whole(file, unwritten_, end, file_);
  if (::ftruncate(file.number(), static_cast<off_t>(end + unwritten_.size())) != 0) fail(file_, "write");
  unwritten_.clear();
}

}  // namespace smol
