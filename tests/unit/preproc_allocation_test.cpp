// Counts every allocation of the process: the fused executor makes none for sizes that it has seen.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <vector>

#include "smol/preproc/executor.h"

namespace {

std::atomic<int64_t> allocations{0};

void* counted(size_t bytes, size_t alignment) {
  ++allocations;
  void* block = nullptr;
  if (posix_memalign(&block, std::max(alignment, sizeof(void*)), bytes == 0 ? 1 : bytes) != 0) throw std::bad_alloc();
  return block;
}

}  // namespace

void* operator new(size_t bytes) { return counted(bytes, alignof(std::max_align_t)); }
void* operator new[](size_t bytes) { return counted(bytes, alignof(std::max_align_t)); }
void* operator new(size_t bytes, std::align_val_t alignment) {
  return counted(bytes, static_cast<size_t>(alignment));
}
void* operator new[](size_t bytes, std::align_val_t alignment) {
  return counted(bytes, static_cast<size_t>(alignment));
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete[](void* block) noexcept { std::free(block); }
void operator delete(void* block, size_t) noexcept { std::free(block); }
void operator delete[](void* block, size_t) noexcept { std::free(block); }
void operator delete(void* block, std::align_val_t) noexcept { std::free(block); }
void operator delete[](void* block, std::align_val_t) noexcept { std::free(block); }
void operator delete(void* block, size_t, std::align_val_t) noexcept { std::free(block); }
void operator delete[](void* block, size_t, std::align_val_t) noexcept { std::free(block); }

namespace smol {
namespace {

int64_t allocations_of_a_round(FusedExecutor& executor, std::vector<std::byte>& tensor, int strip_rows) {
  static const std::vector<uint8_t> pixels(200 * 300 * 3, 77);
  const int64_t before = allocations;
  const TensorView out{executor.output().dtype, executor.output().item_shape(), tensor.data()};
  for (const Size size : {Size{200, 300}, Size{200, 100}, Size{30, 20}, Size{1, 300}}) {
    for (int orientation = 1; orientation <= 8; ++orientation) {
      executor.needed_source_rect(size, static_cast<Orientation>(orientation));
      executor.begin({size, {0, 0, size.height, size.width}, 1, size}, static_cast<Orientation>(orientation), out);
      for (int row = 0; row < size.height; row += strip_rows) {
        const int rows = std::min(strip_rows, size.height - row);
        executor.push(
            {row, {pixels.data() + ptrdiff_t{row} * size.width * 3, {rows, size.width}, 3, size.width * 3}});
      }
      executor.finish();
    }
  }
  return allocations - before;
}

TEST(FusedExecutorAllocations, AreNoneInTheSteadyState) {
  const ResizeOp resize{ResizeRule::kShortSide, 64, {}, ResizeFilter::kBicubic};
  const CenterCropOp crop{{80, 56}};  // pads one way and crops the other
  for (const PreprocGraph& graph :
       {PreprocGraph{{resize, crop, ConvertOp{}, NormaliseOp{}, ReorderLayoutOp{Layout::kCHW}}},
        PreprocGraph{{resize, crop}}, PreprocGraph{{resize, crop, ConvertOp{}}}, PreprocGraph{{crop}}}) {
    FusedExecutor executor(graph);
    std::vector<std::byte> tensor(executor.output().item_bytes());
    EXPECT_GT(allocations_of_a_round(executor, tensor, 16), 0) << "the counter does not count";
    EXPECT_EQ(allocations_of_a_round(executor, tensor, 16), 0) << to_text(graph);
    EXPECT_EQ(allocations_of_a_round(executor, tensor, 7), 0) << to_text(graph);
  }
}

}  // namespace
}  // namespace smol
