#include "smol/base/aligned_buffer.h"

#include <new>

namespace smol {

void AlignedBuffer::ensure(size_t bytes) {
  if (bytes <= capacity_) return;
  data_.reset();  // release first: two full-size images at once would double the peak
  capacity_ = 0;
  data_.reset(
      static_cast<std::byte*>(::operator new[](bytes + kBufferAlignment, std::align_val_t{kBufferAlignment})));
  capacity_ = bytes;
}

void AlignedBuffer::Free::operator()(std::byte* block) const {
  ::operator delete[](block, std::align_val_t{kBufferAlignment});
}

}  // namespace smol
