// Where the pipeline's items come from and where its rows go. Both are shared by all threads of a run.
#pragma once

#include "smol/engine/input_list.h"
#include "smol/engine/row.h"

namespace smol {

// Pull-based: producers ask when they are free.
class ItemSource {
 public:
  enum class Next {
    kItem,  // `run` was filled: items of one file, which one decode serves
    kWait,  // more may come, but not before rows that are under way have arrived: call wait()
    kEnd,
  };
  virtual ~ItemSource() = default;
  virtual Next next(ItemRun& run) = 0;
  virtual void wait() = 0;  // until next() may answer differently
  virtual void stop() = 0;  // next() answers kEnd from now on; wakes those who wait
};

// Every item given out by the source arrives here exactly once, in any order.
class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual void add(Row&& row) = 0;
  // All rows were added: returns once they are where they should be. Throws what went wrong with that.
  virtual void finish() {}
  virtual int64_t background_cpu_ns() const { return 0; }  // CPU time of the sink's own threads, after finish()
};

}  // namespace smol
