// From file to batch slot, our code allocates nothing per item once it has seen the sizes. The image libraries
// allocate with malloc, which is not counted here; what they take is their own (docs/architecture.md).
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "instant_session.h"
#include "listed_source.h"
#include "make_jpeg.h"
#include "smol/engine/producer.h"
#include "temporary_directory.h"

namespace {

thread_local long allocations = 0;

void* counted(void* block) {
  ++allocations;
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

}  // namespace

void* operator new(size_t bytes) { return counted(std::malloc(bytes)); }
void* operator new(size_t bytes, std::align_val_t alignment) {
  const auto unit = static_cast<size_t>(alignment);
  return counted(std::aligned_alloc(unit, (bytes + unit - 1) / unit * unit));
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, size_t) noexcept { std::free(block); }
void operator delete(void* block, std::align_val_t) noexcept { std::free(block); }
void operator delete(void* block, size_t, std::align_val_t) noexcept { std::free(block); }

namespace smol {
namespace {

TEST(ProducerAllocations, NonePerItemInTheSteadyState) {
  const TemporaryDirectory folder;
  const PreprocGraph graph = preset_graph("imagenet", {16, 16});
  const InputSpec item_spec = output_spec(graph);
  test::InstantSession session(4, item_spec, 1);
  BatchRing ring(session, item_spec, 5);
  test::CollectingSink sink;
  Producer producer(graph, {}, {});
  std::vector<ItemRun> runs;
  for (unsigned i = 0; i < 8; ++i) {
    const std::string name = "a name longer than any small string buffer " + std::to_string(i) + ".jpg";
    const std::vector<std::byte> jpeg =
        test::make_jpeg({.size = {60, 80}, .horizontal = 2, .vertical = 2, .progressive = i % 2 == 1, .seed = i});
    const std::string path = folder.write(name, {reinterpret_cast<const char*>(jpeg.data()), jpeg.size()});
    runs.emplace_back().append() = {.ordinal = i, .id = name, .path = path, .region = {}, .frame = {}};
  }
  std::jthread consumer([&] {
    BatchSlot* slot = nullptr;
    while (ring.wait(true, &slot) == BatchRing::Event::kReady) {
      ring.mark_done(*slot, ok_status());
      if (ring.wait(false, &slot) != BatchRing::Event::kDone) break;
      ring.release(*slot);
    }
  });
  const auto pass = [&] {
    for (const ItemRun& run : runs) ASSERT_TRUE(producer.produce(run, ring, sink));
  };
  for (int warm = 0; warm < 6; ++warm) pass();  // every slot has held every name
  const long before = allocations;
  for (int steady = 0; steady < 20; ++steady) pass();
  EXPECT_EQ(allocations - before, 0);
  EXPECT_TRUE(sink.rows.empty());
  ring.close();
}

}  // namespace
}  // namespace smol
