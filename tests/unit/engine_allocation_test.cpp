// Heap use: none an item when reading a snapshot; little an item when taking one. This binary counts operator new.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <new>

#include "smol/engine/input_list.h"
#include "temporary_directory.h"

namespace {

std::atomic<size_t> allocations = 0;
std::atomic<size_t> live_bytes = 0;
std::atomic<size_t> peak_bytes = 0;

void* allocate(size_t bytes) {
  void* block = std::malloc(bytes);
  if (block == nullptr) throw std::bad_alloc();
  ++allocations;
  const size_t live = live_bytes += ::malloc_usable_size(block);
  size_t peak = peak_bytes;
  while (live > peak && !peak_bytes.compare_exchange_weak(peak, live)) continue;
  return block;
}

void release(void* block) {
  if (block != nullptr) live_bytes -= ::malloc_usable_size(block);
  std::free(block);
}

}  // namespace

void* operator new(size_t bytes) { return allocate(bytes); }
void* operator new[](size_t bytes) { return allocate(bytes); }
void operator delete(void* block) noexcept { release(block); }
void operator delete[](void* block) noexcept { release(block); }
void operator delete(void* block, size_t) noexcept { release(block); }
void operator delete[](void* block, size_t) noexcept { release(block); }

namespace smol {
namespace {

namespace fs = std::filesystem;

constexpr int kItems = 100'000;
constexpr size_t kNameBytes = sizeof("photo-000000.jpg");

std::string name_of(int i) {
  std::string number = std::to_string(i);
  return "photo-" + std::string(6 - number.size(), '0') + number + ".jpg";
}

// Bytes above what was live before; nothing may be live afterwards.
size_t peak_of_snapshot(const InputOptions& options, const fs::path& path) {
  const size_t before = live_bytes;
  peak_bytes = before;
  snapshot_inputs(options, posix_file_system(), path);
  EXPECT_EQ(live_bytes, before);
  return peak_bytes - before;
}

TEST(InputMemory, ReadingAllocatesNothingAnItem) {
  const TemporaryDirectory folder;
  InputOptions options;
  options.source = (folder / "list").string();
  {
    std::ofstream list(options.source);
    for (int i = 0; i < kItems; ++i) list << std::string(static_cast<size_t>(i / 1000), 'x') << name_of(i) << '\n';
  }
  EXPECT_LT(peak_of_snapshot(options, folder / "inputs"), 1u << 20);  // a list is streamed
  InputList list(folder / "inputs");
  Item item;
  ASSERT_TRUE(list.next(item));
  const size_t before = allocations;
  int items = 1;
  while (list.next(item)) ++items;
  list.seek(kItems / 2);
  list.next(item);
  EXPECT_EQ(allocations, before);
  EXPECT_EQ(items, kItems);
}

TEST(InputMemory, AFolderTakesItsNames) {
  const TemporaryDirectory folder;
  const fs::path photos = folder / "photos";
  fs::create_directory(photos);
  constexpr int kFiles = 20'000;
  for (int i = 0; i < kFiles; ++i) fs::create_symlink("nowhere", photos / name_of(i));
  InputOptions options;
  options.source = photos.string();
  // 8 bytes a pointer, up to three times that while the vector grows, and the name.
  EXPECT_LT(peak_of_snapshot(options, folder / "inputs"), kFiles * (24 + kNameBytes) + (1u << 20));
  EXPECT_EQ(InputList(folder / "inputs").size(), static_cast<uint64_t>(kFiles));
}

}  // namespace
}  // namespace smol
