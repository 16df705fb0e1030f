// Predictions on disk, so that another model, format or item costs only itself.
//
// One file for each (model, backend, preprocessing, format): a header that names them in full, then records that each
// carry their length and a hash. A file that is torn or damaged counts up to its first bad byte; the rest is
// predicted anew and written over. Several processes may use one file: they append under a lock.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>

#include "smol/engine/input_list.h"
#include "smol/measure/prediction.h"

namespace smol {

// Which picture an item is: a hash of its absolute path, size and modification time, region and frame.
struct ItemKey {
  uint64_t high = 0;
  uint64_t low = 0;
  bool operator==(const ItemKey&) const = default;
};
// Nothing if the file cannot be looked at: there is nothing to remember then.
std::optional<ItemKey> item_key(const Item& item);

// Whether the error is a property of the bytes (and the limits), and not of the moment.
bool is_lasting(ItemErrorCode code);

// Not thread-safe. The destructor does not write: flush().
class PredictionCache {
 public:
  // `configuration`: everything but the item that a prediction depends on. An empty directory: nothing is kept on
  // disk. Throws Error(kFailed) if the folder or the file cannot be made or read.
  PredictionCache(const std::filesystem::path& directory, std::string configuration);

  const Prediction* find(const ItemKey& key) const;  // valid until the next add()
  void add(const ItemKey& key, Prediction prediction);
  // Appends what was added. Throws Error(kFailed), naming the file and --cache.
  void flush();

  const std::filesystem::path& file() const { return file_; }

 private:
  struct Hash {
    size_t operator()(const ItemKey& key) const { return key.low; }
  };
  // Reads records of `bytes` from `offset` on; returns where the first bad one begins, or the end.
  size_t read_records(std::string_view bytes, size_t offset);

  std::string configuration_;
  std::filesystem::path file_;  // empty: nothing is kept
  std::unordered_map<ItemKey, Prediction, Hash> predictions_;
  std::string unwritten_;
};

}  // namespace smol
