#include "smol/engine/chunked_run.h"

#include <algorithm>
#include <string>

#include "smol/base/clock.h"

namespace smol {
namespace {

std::set<uint64_t> numbers_of(const std::map<uint64_t, ChunkCommit>& commits) {
  std::set<uint64_t> numbers;
  for (const auto& [number, chunk] : commits) numbers.insert(number);
  return numbers;
}

}  // namespace

ChunkedRun::ChunkedRun(InputList& inputs, RunDirectory& directory, ChunkEncoder& encoder, uint64_t chunk_items,
                       int open_chunks)
    : inputs_(inputs),
      directory_(directory),
      encoder_(encoder),
      chunk_items_(chunk_items),
      open_chunks_(static_cast<size_t>(open_chunks)),
      committed_before_(numbers_of(directory.committed())) {
  for (const auto& [number, chunk] : directory_.committed()) already_committed_ += chunk.rows;
  inputs_.seek(0);
  committer_ = std::jthread([this] { commit_loop(); });
}

ChunkedRun::~ChunkedRun() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  finishing_ = true;
  changed_.notify_all();
}

uint64_t ChunkedRun::rows_of(uint64_t chunk) const {
  return std::min(chunk_items_, inputs_.size() - chunk * chunk_items_);
}

ItemSource::Next ChunkedRun::next(ItemRun& run) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return Next::kEnd;
  while (position_ < inputs_.size()) {
    const uint64_t chunk = position_ / chunk_items_;
    if (position_ % chunk_items_ != 0) break;
    if (!committed_before_.contains(chunk)) {
      if (open_.size() >= open_chunks_) return Next::kWait;
      open_[chunk] = {std::vector<Row>(rows_of(chunk)), rows_of(chunk)};
      inputs_.seek(position_);
      has_ahead_ = false;
      break;
    }
    position_ += rows_of(chunk);
  }
  if (position_ >= inputs_.size()) return Next::kEnd;
  run.clear();
  do {
    Item& item = run.append();
    if (has_ahead_) {
      std::swap(item, ahead_);
    } else {
      inputs_.next(item);
    }
    ++position_;
    has_ahead_ = (item.region || item.frame) && position_ % chunk_items_ != 0 && inputs_.next(ahead_);
  } while (has_ahead_ && continues_run(run, ahead_));
  return Next::kItem;
}

void ChunkedRun::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stopped_ || open_.size() < open_chunks_ || position_ % chunk_items_ != 0; });
}

void ChunkedRun::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

void ChunkedRun::add(Row&& row) {
  const std::lock_guard lock(mutex_);
  const uint64_t number = row.item / chunk_items_;
  Chunk& chunk = open_.at(number);
  const uint64_t place = row.item % chunk_items_;
  chunk.rows[place] = std::move(row);
  if (--chunk.missing == 0) {
    finished_.push_back(number);
    changed_.notify_all();
  }
}

void ChunkedRun::commit_loop() {
  while (true) {
    uint64_t number = 0;
    std::vector<Row> rows;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return !finished_.empty() || finishing_; });
      if (finished_.empty()) break;
      number = finished_.front();
      finished_.pop_front();
      rows = std::move(open_.at(number).rows);
    }
    try {
      commit(number, rows);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      failure_ = std::current_exception();
      stopped_ = true;  // producers end; what they still deliver is collected but not written
      changed_.notify_all();
      break;
    }
    const std::lock_guard lock(mutex_);
    open_.erase(number);
    changed_.notify_all();
  }
  commit_cpu_ns_ = thread_cpu_ns();
}

void ChunkedRun::commit(uint64_t number, const std::vector<Row>& rows) {
  ChunkCommit chunk;
  chunk.chunk = number;
  chunk.rows = rows.size();
  chunk.file = directory_.part_name(number, encoder_.extension());
  for (const Row& row : rows) {
    if (row.ok) continue;
    ++chunk.failed;
    ++chunk.failed_by_code[std::string(item_error_name(row.error_code))];
  }
  directory_.commit(chunk, encoder_.encode(rows));
}

void ChunkedRun::finish() {
  {
    const std::lock_guard lock(mutex_);
    finishing_ = true;
    changed_.notify_all();
  }
  committer_.join();
  if (failure_) std::rethrow_exception(failure_);
}

}  // namespace smol
