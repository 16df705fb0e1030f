// A growing block of 64-byte aligned bytes: buffers of images, tensors and batch slots.
#pragma once

#include <cstddef>
#include <memory>

namespace smol {

inline constexpr size_t kBufferAlignment = 64;

// Move-only. Growing discards the contents; shrinking keeps the block, so a reused buffer stops allocating.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(size_t bytes) { ensure(bytes); }

  // Makes at least `bytes` bytes available (plus kBufferAlignment readable bytes behind them, so that vector
  // loads may run over). Throws std::bad_alloc.
  void ensure(size_t bytes);

  std::byte* data() { return data_.get(); }
  const std::byte* data() const { return data_.get(); }
  size_t capacity() const { return capacity_; }

 private:
  struct Free {
    void operator()(std::byte* block) const;
  };
  std::unique_ptr<std::byte[], Free> data_;
  size_t capacity_ = 0;
};

}  // namespace smol
