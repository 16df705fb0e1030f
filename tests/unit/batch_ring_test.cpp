// Proves: every claimed row comes out exactly once, whatever the interleaving; padding, closing and aborting end
// cleanly.
#include "smol/engine/batch_ring.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <random>
#include <set>
#include <thread>

#include "instant_session.h"

namespace smol {
namespace {

using test::InstantSession;

constexpr InputSpec kItem{DType::kF32, Layout::kCHW, 2, 2, 3};

// Collects everything like the pipeline's consumer; returns the ordinals of the valid rows.
std::multiset<uint64_t> drain(BatchRing& ring, Session& session) {
  std::multiset<uint64_t> seen;
  int in_flight = 0;
  while (true) {
    BatchSlot* slot = nullptr;
    const BatchRing::Event event = ring.wait(in_flight < session.max_in_flight(), &slot);
    if (event == BatchRing::Event::kEnd) return seen;
    if (event == BatchRing::Event::kReady) {
      ++in_flight;
      session.start(ring.batch_tensor(*slot), slot->output,
                    [&ring, slot](const Status& status) { ring.mark_done(*slot, status); });
      continue;
    }
    --in_flight;
    for (int i = 0; i < slot->used_rows; ++i) {
      if (slot->rows[i].valid) seen.insert(slot->rows[i].item.ordinal);
    }
    ring.release(*slot);
  }
}

class BatchRingInterleavings : public ::testing::TestWithParam<std::tuple<int, int, int>> {};

TEST_P(BatchRingInterleavings, EveryValidRowComesOutOnce) {
  const auto [batch, producers, items] = GetParam();
  InstantSession session(batch, kItem, 1);
  BatchRing ring(session, kItem, session.max_in_flight() + producers + 2);
  std::atomic<uint64_t> next{0};
  std::multiset<uint64_t> seen;
  {
    std::jthread consumer([&] { seen = drain(ring, session); });
    {
      std::vector<std::jthread> threads;
      for (int p = 0; p < producers; ++p) {
        threads.emplace_back([&, p] {
          std::mt19937 random(static_cast<unsigned>(p));
          for (uint64_t i = next++; i < static_cast<uint64_t>(items); i = next++) {
            const ClaimedRow claimed = ring.claim();
            ASSERT_NE(claimed.slot, nullptr);
            claimed.slot->rows[claimed.row].item.ordinal = i;
            if (random() % 8 == 0) std::this_thread::yield();
            ring.complete(claimed, i % 5 != 0);
          }
        });
      }
    }
    ring.close();
  }
  std::multiset<uint64_t> expected;
  for (uint64_t i = 0; i < static_cast<uint64_t>(items); ++i) {
    if (i % 5 != 0) expected.insert(i);
  }
  EXPECT_EQ(seen, expected);
}

INSTANTIATE_TEST_SUITE_P(BatchesProducersItems, BatchRingInterleavings,
                         ::testing::Combine(::testing::Values(1, 3, 8), ::testing::Values(1, 2, 5),
                                            ::testing::Values(0, 1, 7, 8, 9, 1000)));

TEST(BatchRing, PaddingAnOpenBatchMakesItsRowsComeOut) {
  InstantSession session(8, kItem, 1);
  BatchRing ring(session, kItem, 3);
  const ClaimedRow claimed = ring.claim();
  claimed.slot->rows[claimed.row].item.ordinal = 42;
  ring.complete(claimed, true);
  ring.pad_open_batch();
  ring.pad_open_batch();  // nothing is open any more: must not claim another batch
  BatchSlot* slot = nullptr;
  ASSERT_EQ(ring.wait(true, &slot), BatchRing::Event::kReady);
  EXPECT_TRUE(slot->rows[0].valid);
  for (int i = 1; i < 8; ++i) EXPECT_FALSE(slot->rows[i].valid);
  ring.mark_done(*slot, ok_status());
  ASSERT_EQ(ring.wait(true, &slot), BatchRing::Event::kDone);
  ring.release(*slot);
  EXPECT_EQ(ring.claim().row, 0);
}

TEST(BatchRing, AbortWakesAProducerThatWaitsForASlot) {
  InstantSession session(1, kItem, 1);
  BatchRing ring(session, kItem, 2);
  ring.complete(ring.claim(), true);
  ring.complete(ring.claim(), true);
  std::jthread producer([&] { EXPECT_EQ(ring.claim().slot, nullptr); });
  ring.abort();
}

TEST(BatchRing, RowsOfASlotAreDisjointAndInItsMemory) {
  InstantSession session(4, kItem, 1);
  BatchRing ring(session, kItem, 2);
  for (int i = 0; i < 4; ++i) {
    const ClaimedRow claimed = ring.claim();
    const TensorView row = ring.row_tensor(claimed);
    EXPECT_EQ(row.data, claimed.slot->input.data() + static_cast<size_t>(i) * kItem.item_bytes());
    EXPECT_EQ(row.bytes(), kItem.item_bytes());
    std::memset(row.data, i, row.bytes());
    ring.complete(claimed, true);
  }
}

}  // namespace
}  // namespace smol
