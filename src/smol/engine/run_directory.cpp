#include "smol/engine/run_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>

#include "smol/base/error.h"
#include "smol/base/hash.h"

namespace smol {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

// Everything that smol makes in a run directory; nothing else is ever deleted.
const std::set<std::string> kOurNames = {"run.json",       "inputs",      "plan.json", "parts",
                                         "manifest.jsonl", "report.json", "lock"};

bool is_ours(const fs::path& entry) {
  std::string name = entry.filename().string();
  for (const char* suffix : {".tmp", ".all"}) {
    if (name.ends_with(suffix)) name.resize(name.size() - std::string_view(suffix).size());
  }
  return kOurNames.contains(name);
}

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string to_line(const ChunkCommit& chunk, std::span<const std::byte> part) {
  Fnv64 hash;
  hash.add(part);
  Json json;
  json["chunk"] = chunk.chunk;
  json["rows"] = chunk.rows;
  json["failed"] = chunk.failed;
  json["failed_by_code"] = chunk.failed_by_code;
  json["file"] = chunk.file;
  json["bytes"] = part.size();
  json["hash"] = hex16(hash.value());
  return json.dump() + "\n";
}

struct CommittedPart {
  ChunkCommit chunk;
  uint64_t bytes = 0;
};

std::optional<CommittedPart> parse_line(const std::string& text) try {
  const Json line = Json::parse(text);
  CommittedPart part;
  part.chunk.chunk = line.at("chunk");
  part.chunk.rows = line.at("rows");
  part.chunk.failed = line.at("failed");
  for (const auto& [code, count] : line.at("failed_by_code").items()) part.chunk.failed_by_code[code] = count;
  part.chunk.file = line.at("file");
  part.bytes = line.at("bytes");
  return part;
} catch (const Json::exception&) {
  return std::nullopt;  // torn by a crash
}

}  // namespace

struct RunDirectory::Impl {
  Impl(fs::path run_path, FileSystem& used_files) : path(std::move(run_path)), files(used_files) {}
  ~Impl() {
    if (lock >= 0) ::close(lock);
  }

  void take_lock();
  void refuse_strangers(bool overwrite) const;
  void empty() const;
  void read_manifest();
  bool part_is_whole(const CommittedPart& part) const;

  const fs::path path;
  FileSystem& files;
  int lock = -1;
  std::string settings;
  std::map<uint64_t, ChunkCommit> committed;
  std::unique_ptr<WritableFile> manifest;
};

// flock, because it goes with the process, however that ends.
void RunDirectory::Impl::take_lock() {
  const fs::path file = path / "lock";
  lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock < 0)
    throw Error(ErrorCode::kUsage,
                fmt::format("-o: cannot write into the folder ({}): {}", std::strerror(errno), path.string()));
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    throw Error(ErrorCode::kUsage, "-o: another smol is working in this run directory: " + path.string());
  }
}

void RunDirectory::Impl::refuse_strangers(bool overwrite) const {
  for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
    if (is_ours(entry.path())) continue;
    throw Error(ErrorCode::kUsage,
                fmt::format("-o: the folder holds other files, {} choose a new one: {}",
                            overwrite ? "which --overwrite does not delete:" : "please", path.string()));
  }
}

void RunDirectory::Impl::empty() const {
  // run.json goes first: whatever is left after a crash is then no run.
  fs::remove(path / "run.json");
  files.sync_directory(path);
  for (const std::string& name : kOurNames) {
    if (name != "lock") fs::remove_all(path / name);
  }
}

bool RunDirectory::Impl::part_is_whole(const CommittedPart& part) const {
  std::error_code missing;
  const uintmax_t bytes = fs::file_size(path / part.chunk.file, missing);
  return !missing && bytes == part.bytes;
}

// A line that is not whole is the trace of a crash while it was written: cut off, its chunk is done again.
void RunDirectory::Impl::read_manifest() {
  const fs::path file = path / "manifest.jsonl";
  const std::string text = read_text(file);
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = text.find('\n', at);
    if (end == std::string::npos) break;
    const std::optional<CommittedPart> part = parse_line(text.substr(at, end - at));
    if (!part || !part_is_whole(*part)) break;
    committed[part->chunk.chunk] = part->chunk;
    at = end + 1;
  }
  if (at < text.size()) files.truncate(file, at);
}

RunDirectory::RunDirectory(const fs::path& out, bool overwrite, FileSystem& files)
    : impl_(std::make_unique<Impl>(out, files)) {
  std::error_code problem;
  fs::create_directories(out, problem);
  if (problem || !fs::is_directory(out)) {
    throw Error(ErrorCode::kUsage, fmt::format("-o: cannot make the folder ({}): {}",
                                               problem ? problem.message() : "a file is in its place", out.string()));
  }
  impl_->refuse_strangers(overwrite);
  impl_->take_lock();
  if (overwrite) impl_->empty();
  impl_->settings = read_text(out / "run.json");
}

RunDirectory::~RunDirectory() = default;

bool RunDirectory::has_run() const { return !impl_->settings.empty(); }
std::string RunDirectory::settings() const { return impl_->settings; }
const std::map<uint64_t, ChunkCommit>& RunDirectory::committed() const { return impl_->committed; }
const fs::path& RunDirectory::path() const { return impl_->path; }
fs::path RunDirectory::inputs_path() const { return impl_->path / "inputs"; }

void RunDirectory::begin(const std::string& settings) {
  Impl& impl = *impl_;
  if (has_run()) {
    const Json before = Json::parse(impl.settings, nullptr, false);
    const Json now = Json::parse(settings);
    if (!before.is_object())
      throw Error(ErrorCode::kUsage, "-o: run.json is damaged, begin anew with --overwrite: " + impl.path.string());
    for (const auto& [key, value] : now.items()) {
      if (before.contains(key) && before[key] == value) continue;
      throw Error(
          ErrorCode::kUsage,
          fmt::format("-o: the run in {} was begun with {} {}: use another folder or --overwrite for {}",
                      impl.path.string(), key, before.contains(key) ? before[key].dump() : "unset", value.dump()));
    }
    impl.read_manifest();
  } else {
    // Whatever an earlier start left before it wrote run.json does not count.
    fs::remove(impl.path / "manifest.jsonl");
    fs::remove_all(impl.path / "parts");
    write_atomically(impl.files, impl.path / "run.json", settings);
    impl.settings = settings;
  }
  fs::create_directories(impl.path / "parts");
  for (const fs::directory_entry& entry : fs::directory_iterator(impl.path / "parts")) {
    if (entry.path().extension() == ".tmp") fs::remove(entry.path());
  }
  impl.manifest = impl.files.append(impl.path / "manifest.jsonl");
  impl.files.sync_directory(impl.path);
}

void RunDirectory::commit(const ChunkCommit& chunk, std::span<const std::byte> part) {
  Impl& impl = *impl_;
  write_atomically(impl.files, impl.path / chunk.file, part);
  const std::string line = to_line(chunk, part);
  impl.manifest->write(std::as_bytes(std::span(line)));
  impl.manifest->sync();
  impl.committed[chunk.chunk] = chunk;
}

std::string RunDirectory::part_name(uint64_t chunk, const std::string& extension) const {
  return fmt::format("parts/part-{:06}{}", chunk, extension);
}

void RunDirectory::write_plan(std::string_view json) {
  write_atomically(impl_->files, impl_->path / "plan.json", json);
}
void RunDirectory::write_report(std::string_view json) {
  write_atomically(impl_->files, impl_->path / "report.json", json);
}

}  // namespace smol
