// Where a run's rows land: part files that are committed chunk by chunk, and nothing is ever lost or doubled.
//
//   OUT/run.json        the configuration that every continuation must match
//   OUT/inputs          the snapshot (input_list.h)
//   OUT/plan.json       the plan
//   OUT/parts/part-000000.parquet ...
//   OUT/manifest.jsonl  one line a committed chunk, with size and hash of its part; a part that is not in it does not
//   count OUT/report.json     written at the end of each (continued) run OUT/lock            held (flock) while a
//   process works here, so released by its death, however it dies
//
// Without run.json nothing counts. docs/rows.md says what survives what.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "smol/base/file_system.h"

namespace smol {

struct ChunkCommit {
  uint64_t chunk = 0;
  uint64_t rows = 0;
  uint64_t failed = 0;
  std::map<std::string, uint64_t> failed_by_code;
  std::string file;  // relative to the run directory
};

// Not thread-safe.
class RunDirectory {
 public:
  // Creates OUT if need be and locks it. Throws Error(kUsage): not a run directory and not empty, or another process
  // is working in it. `overwrite`: an earlier *run directory* is emptied first, of smol's own file names only
  // (anything else is still refused).
  RunDirectory(const std::filesystem::path& out, bool overwrite, FileSystem& files);
  ~RunDirectory();

  bool has_run() const;  // run.json exists: this is a continuation
  // A new run: writes run.json. A continuation: throws Error(kUsage) naming the first key that differs; then clears
  // away what a killed run left (half a manifest line, temporary files, parts without a line). `settings` is JSON
  // text of an object; only what affects rows (plan, inputs, format, chunk size, seed).
  void begin(const std::string& settings);
  std::string settings() const;  // of run.json; empty before begin

  // Known from the constructor on: whole manifest lines whose part has the recorded size.
  const std::map<uint64_t, ChunkCommit>& committed() const;
  // Part file: temporary name, write, fsync, rename, fsync of the folder; then one manifest line and its fsync.
  // Throws Error(kFailed); the chunk then counts as not committed unless its manifest line was written whole, which
  // only a new RunDirectory can tell: after a failure, and before begin(), every commit() throws.
  void commit(const ChunkCommit& chunk, std::span<const std::byte> part);
  std::string part_name(uint64_t chunk, const std::string& extension) const;  // "parts/part-000000.parquet"

  void write_plan(std::string_view json);
  void write_report(std::string_view json);
  const std::filesystem::path& path() const;
  std::filesystem::path inputs_path() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace smol
