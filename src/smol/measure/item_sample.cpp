#include "smol/measure/item_sample.h"

#include <algorithm>
#include <utility>

#include "smol/base/hash.h"

namespace smol {
namespace {

struct Place {
  uint64_t draw;
  uint64_t first;  // ordinal
};

std::vector<Place> places_of_runs(InputList& list, uint64_t seed) {
  std::vector<Place> places;
  ItemRun run;
  Item item;
  list.seek(0);
  for (uint64_t ordinal = 0; list.next(item); ++ordinal) {
    if (!run.items().empty() && continues_run(run, item)) {
      run.append() = item;
      continue;
    }
    places.push_back({mix64(seed + mix64(ordinal)), ordinal});
    run.clear();
    run.append() = item;
  }
  return places;
}

ItemRun read_run(InputList& list, uint64_t first) {
  ItemRun run;
  Item item;
  list.seek(first);
  while (list.next(item) && (run.items().empty() || continues_run(run, item))) run.append() = item;
  return run;
}

}  // namespace

std::vector<ItemRun> sample_runs(const std::filesystem::path& snapshot, uint64_t items, uint64_t seed) {
  InputList list(snapshot);
  std::vector<Place> places = places_of_runs(list, seed);
  std::sort(places.begin(), places.end(),
            [](const Place& a, const Place& b) { return std::pair(a.draw, a.first) < std::pair(b.draw, b.first); });
  std::vector<ItemRun> runs;
  uint64_t drawn = 0;
  for (size_t i = 0; i < places.size() && drawn < items; ++i) {
    runs.push_back(read_run(list, places[i].first));
    drawn += runs.back().items().size();
  }
  return runs;
}

uint64_t count_items(const std::vector<ItemRun>& runs) {
  uint64_t items = 0;
  for (const ItemRun& run : runs) items += run.items().size();
  return items;
}

}  // namespace smol
