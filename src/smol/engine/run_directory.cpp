#include "smol/engine/run_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <vector>

#include "smol/base/descriptor.h"
#include "smol/base/error.h"
#include "smol/base/hash.h"
#include "smol/engine/run_json.h"

namespace smol {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLock = "lock";
constexpr std::string_view kRunJson = "run.json";
constexpr std::string_view kInputs = "inputs";
constexpr std::string_view kPlan = "plan.json";
constexpr std::string_view kManifest = "manifest.jsonl";
constexpr std::string_view kReport = "report.json";
constexpr std::string_view kParts = "parts";
constexpr std::string_view kTemporary = ".tmp";
// What may be deleted, in this order: without run.json nothing counts.
constexpr std::string_view kFiles[] = {kRunJson, kManifest, kInputs, kPlan, kReport};

std::string_view without_suffix(std::string_view name, std::string_view suffix) {
  if (name.ends_with(suffix)) name.remove_suffix(suffix.size());
  return name;
}

bool is_own_name(std::string_view name) {
  if (name == kLock || name == kParts) return true;
  return std::find(std::begin(kFiles), std::end(kFiles), without_suffix(name, kTemporary)) != std::end(kFiles);
}

// "part-000000.parquet", also with ".tmp" behind it.
bool is_part_name(std::string_view name) {
  constexpr std::string_view kPrefix = "part-";
  name = without_suffix(name, kTemporary);
  if (!name.starts_with(kPrefix)) return false;
  name.remove_prefix(kPrefix.size());
  const size_t digits = name.find_first_not_of("0123456789");
  return digits != 0 && digits != name.npos && name[digits] == '.' &&
         name.find_first_of(".", digits + 1) == name.npos;
}

// The names in a folder; none if there is no such folder. Throws Error(kFailed).
std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    throw Error(ErrorCode::kFailed, "cannot read the folder: " + error.message() + ": " + folder.string());
  }
  return names;
}

// Nothing: there is no such file. Throws Error(kFailed).
std::optional<std::string> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    if (!fs::exists(fs::symlink_status(path))) return std::nullopt;
    throw Error(ErrorCode::kFailed, "cannot open " + path.string());
  }
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) throw Error(ErrorCode::kFailed, "cannot read " + path.string());
  return text;
}

bool is_file_of(const fs::path& path, uint64_t bytes) {
  std::error_code error;
  return fs::is_regular_file(path, error) && fs::file_size(path, error) == bytes && !error;
}

}  // namespace

struct RunDirectory::Impl {
  Impl(const fs::path& out, FileSystem& file_system) : path(out), files(file_system) {}

  fs::path path;
  FileSystem& files;
  Descriptor lock;
  std::optional<std::string> settings;  // nothing: no run.json
  std::map<uint64_t, ChunkCommit> committed;
  std::string manifest_text;               // what counts of the manifest, until begin()
  bool manifest_is_clean = true;           // nothing else is in it
  std::unique_ptr<WritableFile> manifest;  // open between begin() and the first failure

  fs::path file(std::string_view name) const { return path / name; }

  void refuse_foreign(bool overwrite) const;
  void take_lock();
  void empty();
  void load();
  void load_manifest(std::string_view text);
  void remove_strays();
};

// Before anything is written: a folder of somebody else stays as it is.
void RunDirectory::Impl::refuse_foreign(bool overwrite) const {
  const auto refuse = [this](const char* reason) {
    throw Error(ErrorCode::kUsage, std::string(reason) + ": " + path.string());
  };
  if (fs::exists(path) && !fs::is_directory(path)) refuse("-o names a file: choose another -o");
  const std::optional<std::string> run_json = read_file(file(kRunJson));
  if (run_json) {
    if (!settings_in_run_json(*run_json)) refuse("run.json is not of this version of smol: choose another -o");
    return;
  }
  const std::vector<std::string> names = names_in(path);
  const std::vector<std::string> parts = names_in(file(kParts));
  if (!std::all_of(names.begin(), names.end(), is_own_name) ||
      !std::all_of(parts.begin(), parts.end(), is_part_name)) {
    refuse("the folder is neither empty nor a run directory: choose another -o");
  }
  const bool has_rows = !parts.empty() || !read_file(file(kManifest)).value_or("").empty();
  if (has_rows && !overwrite)
    refuse("the folder has rows but no run.json: choose another -o, or --overwrite to delete them");
}

void RunDirectory::Impl::take_lock() {
  const fs::path lock_path = file(kLock);
  lock = Descriptor(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (!lock.is_open()) {
    throw Error(ErrorCode::kFailed, "cannot create " + lock_path.string() + ": " + std::strerror(errno));
  }
  if (::flock(lock.number(), LOCK_EX | LOCK_NB) == 0) {
    // For people; the lock itself goes with the process, however that ends.
    const std::string holder = fmt::format("{}\n", ::getpid());
    if (::ftruncate(lock.number(), 0) != 0 ||
        ::pwrite(lock.number(), holder.data(), holder.size(), 0) != static_cast<ssize_t>(holder.size())) {
      throw Error(ErrorCode::kFailed, "cannot write " + lock_path.string() + ": " + std::strerror(errno));
    }
    return;
  }
  if (errno != EWOULDBLOCK) {
    throw Error(ErrorCode::kFailed, "cannot lock " + lock_path.string() + ": " + std::strerror(errno));
  }
  const std::string holder = read_file(lock_path).value_or("");
  throw Error(ErrorCode::kUsage,
              fmt::format("process {} is working in the run directory: wait for it, or choose another -o: {}",
                          holder.substr(0, holder.find('\n')), path.string()));
}

void RunDirectory::Impl::empty() {
  files.remove(file(kRunJson));
  files.sync_directory(path);  // from here on it is no run, whatever remains
  for (const std::string_view name : kFiles) {
    files.remove(file(name));
    files.remove(file(std::string(name).append(kTemporary)));
  }
  for (const std::string& name : names_in(file(kParts))) {
    if (is_part_name(name)) files.remove(file(kParts) / name);
  }
}

void RunDirectory::Impl::load() {
  const std::optional<std::string> run_json = read_file(file(kRunJson));
  if (!run_json) return;
  settings = settings_in_run_json(*run_json);
  if (const std::optional<std::string> text = read_file(file(kManifest))) load_manifest(*text);
}

// A line counts if it is whole and its part has the size that it says: nothing that was committed is lost by that,
// since the part was durable before its line was written. The first broken line is where a write was cut off; what
// comes after it, if anything, was not written by smol.
void RunDirectory::Impl::load_manifest(std::string_view text) {
  std::map<uint64_t, std::string_view> lines;
  size_t counted_lines = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n') + 1);  // without a '\n': empty
    const std::optional<ManifestEntry> entry = parse_manifest_line(line);
    if (!entry) break;
    rest.remove_prefix(line.size());
    if (!is_file_of(path / entry->commit.file, entry->part_bytes)) {
      manifest_is_clean = false;
      continue;
    }
    ++counted_lines;
    lines[entry->commit.chunk] = line;
    committed[entry->commit.chunk] = entry->commit;
  }
  manifest_is_clean = manifest_is_clean && rest.empty() && counted_lines == lines.size();
  for (const auto& [chunk, line] : lines) manifest_text += line;
}

// What killed runs left: temporary files, and parts that were renamed but not listed.
void RunDirectory::Impl::remove_strays() {
  for (const std::string_view name : kFiles) files.remove(file(std::string(name).append(kTemporary)));
  std::set<fs::path> listed;
  for (const auto& [chunk, commit] : committed) listed.insert(path / commit.file);
  for (const std::string& name : names_in(file(kParts))) {
    const fs::path part = file(kParts) / name;
    if (is_part_name(name) && !listed.contains(part)) files.remove(part);
  }
}

RunDirectory::RunDirectory(const fs::path& out, bool overwrite, FileSystem& files)
    : impl_(std::make_unique<Impl>(out, files)) {
  impl_->refuse_foreign(overwrite);
  files.create_directories(out);
  impl_->take_lock();
  impl_->refuse_foreign(overwrite);  // another process may have worked here since
  if (overwrite) impl_->empty();
  impl_->load();
}

RunDirectory::~RunDirectory() = default;

bool RunDirectory::has_run() const { return impl_->settings.has_value(); }
std::string RunDirectory::settings() const { return impl_->settings.value_or(""); }
const std::map<uint64_t, ChunkCommit>& RunDirectory::committed() const { return impl_->committed; }
const fs::path& RunDirectory::path() const { return impl_->path; }
fs::path RunDirectory::inputs_path() const { return impl_->file(kInputs); }

void RunDirectory::begin(const std::string& settings) {
  Impl& run = *impl_;
  if (has_run()) {
    const std::string difference = first_difference(*run.settings, settings);
    if (!difference.empty()) {
      throw Error(ErrorCode::kUsage,
                  fmt::format("{} was made with {}: choose another -o, or --overwrite to start anew",
                              run.path.string(), difference));
    }
    if (!run.manifest_is_clean) write_atomically(run.files, run.file(kManifest), std::string_view(run.manifest_text));
    run.remove_strays();
  } else {
    write_atomically(run.files, run.file(kRunJson), std::string_view(to_run_json(settings)));
    run.settings = settings;
  }
  run.files.create_directories(run.file(kParts));
  run.manifest = run.files.append(run.file(kManifest));
  run.files.sync_directory(run.path);
  run.manifest_text.clear();
}

void RunDirectory::commit(const ChunkCommit& chunk, std::span<const std::byte> part) {
  Impl& run = *impl_;
  // After a failure the manifest may end with half a line, and the kernel may have dropped what fsync could not
  // write: only reading it again can tell, which is what the next process does.
  if (!run.manifest) {
    throw Error(ErrorCode::kFailed,
                "no commit after a failed one: start the same command again: " + run.path.string());
  }
  if (run.committed.contains(chunk.chunk)) {
    throw Error(ErrorCode::kFailed, fmt::format("chunk {} is committed already: {}", chunk.chunk, run.path.string()));
  }
  std::unique_ptr<WritableFile> manifest = std::move(run.manifest);  // put back once all went well
  write_atomically(run.files, run.path / chunk.file, part);
  const std::string line = to_manifest_line({chunk, part.size(), hash64(part)});
  manifest->write(std::as_bytes(std::span(line)));
  manifest->sync();
  run.committed[chunk.chunk] = chunk;
  run.manifest = std::move(manifest);
}

std::string RunDirectory::part_name(uint64_t chunk, const std::string& extension) const {
  return fmt::format("{}/part-{:06}{}", kParts, chunk, extension);
}

void RunDirectory::write_plan(std::string_view json) { write_atomically(impl_->files, impl_->file(kPlan), json); }
void RunDirectory::write_report(std::string_view json) { write_atomically(impl_->files, impl_->file(kReport), json); }

}  // namespace smol
