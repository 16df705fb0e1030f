// The items that measurements are taken on: drawn from the user's own, in whole runs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "smol/engine/input_list.h"

namespace smol {

// Runs (a picture; the wanted regions of one; the frames of a group) drawn at random without replacement from a
// snapshot (snapshot_inputs()), at least `items` items in all or everything there is. The same snapshot and seed give
// the same runs in the same order, which is random. Two snapshots of a dataset that differ in the rendition in use
// alone hold the same items: so formats are compared on the same pictures. Memory: 16 bytes a run of the snapshot.
std::vector<ItemRun> sample_runs(const std::filesystem::path& snapshot, uint64_t items, uint64_t seed);

uint64_t count_items(const std::vector<ItemRun>& runs);

}  // namespace smol
