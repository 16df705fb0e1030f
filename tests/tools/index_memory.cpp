// What the index of a video takes: prints its frames, the most bytes that were allocated by new while it was made,
// and those that it keeps. FFmpeg uses malloc and is not counted.
//
//   index_memory VIDEO
#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "smol/media/video_index.h"

namespace {

size_t held_bytes = 0;
size_t most_bytes = 0;

void* counted(void* block) {
  held_bytes += malloc_usable_size(block);
  most_bytes = std::max(most_bytes, held_bytes);
  return block;
}

void give_back(void* block) {
  held_bytes -= malloc_usable_size(block);
  std::free(block);
}

}  // namespace

void* operator new(size_t bytes) {
  void* block = std::malloc(bytes);
  if (block == nullptr) throw std::bad_alloc();
  return counted(block);
}
void* operator new(size_t bytes, const std::nothrow_t&) noexcept { return counted(std::malloc(bytes)); }
void operator delete(void* block) noexcept { give_back(block); }
void operator delete(void* block, size_t) noexcept { give_back(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { give_back(block); }

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string path = argv[1];
  const size_t before = held_bytes;
  most_bytes = before;
  const smol::Result<smol::VideoIndex> index = smol::index_video(path, {});
  if (!index.ok()) return 3;
  std::printf("%zu %zu %zu\n", index->frames.size(), most_bytes - before, held_bytes - before);
  return 0;
}
