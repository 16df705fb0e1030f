// A picture whose last byte is the last of a memory page, with an inaccessible page behind it: a read beyond the
// picture is a crash, with or without a sanitizer.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <new>

#include "preproc_twin.h"
#include "smol/base/image.h"

namespace smol {

class GuardedPicture {
 public:
  // Rows [begin, end) of `from`, `extra_bytes` apart, the last one first if `upside_down` (a negative stride).
  GuardedPicture(const twin::Pixels& from, int begin, int end, int extra_bytes, bool upside_down) {
    const size_t row_bytes = static_cast<size_t>(from.size.width) * 3;
    const size_t rows = static_cast<size_t>(end - begin);
    const size_t stride = row_bytes + static_cast<size_t>(extra_bytes);
    const size_t bytes = stride * (rows - 1) + row_bytes;
    const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    const size_t usable = (bytes + page - 1) / page * page;
    mapped_bytes_ = usable + page;
    mapping_ = mmap(nullptr, mapped_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping_ == MAP_FAILED) throw std::bad_alloc();
    uint8_t* last_page = static_cast<uint8_t*>(mapping_) + usable;
    mprotect(last_page, page, PROT_NONE);

    uint8_t* first = last_page - bytes;
    std::memset(first, 0xEE, bytes);
    for (size_t y = 0; y < rows; ++y) {
      const size_t slot = upside_down ? rows - 1 - y : y;
      std::memcpy(first + slot * stride, from.view().row(begin + static_cast<int>(y)), row_bytes);
    }
    const ptrdiff_t step = static_cast<ptrdiff_t>(stride);
    view_ = {upside_down ? first + (rows - 1) * stride : first,
             {end - begin, from.size.width},
             3,
             upside_down ? -step : step};
  }
  GuardedPicture(const GuardedPicture&) = delete;
  GuardedPicture& operator=(const GuardedPicture&) = delete;
  ~GuardedPicture() { munmap(mapping_, mapped_bytes_); }

  ConstImageView view() const { return view_; }

 private:
  void* mapping_ = nullptr;
  size_t mapped_bytes_ = 0;
  ConstImageView view_;
};

}  // namespace smol
