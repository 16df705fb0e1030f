#include "smol/media/png_chunks.h"

#include <isa-l/crc.h>

namespace smol {
namespace {

constexpr size_t kSignatureBytes = 8;
constexpr size_t kLengthBytes = 4;
constexpr size_t kTypeBytes = 4;
constexpr size_t kOverheadBytes = 12;  // length, type, checksum

}  // namespace

PngChunks::PngChunks(Bytes png) : rest_(clipped(png, kSignatureBytes, png.size())) {}

std::optional<PngChunk> PngChunks::next() {
  const NumberReader numbers(rest_, true);
  const auto length = numbers.u32(0);
  if (!length || rest_.size() < kOverheadBytes || *length > rest_.size() - kOverheadBytes) return std::nullopt;
  const Bytes summed = rest_.subspan(kLengthBytes, kTypeBytes + *length);
  const uint32_t sum =
      crc32_gzip_refl(0, reinterpret_cast<const unsigned char*>(summed.data()), static_cast<uint64_t>(summed.size()));
  if (numbers.u32(kLengthBytes + summed.size()) != sum) return std::nullopt;
  rest_ = rest_.subspan(kOverheadBytes + *length);
  return PngChunk{{reinterpret_cast<const char*>(summed.data()), kTypeBytes}, summed.subspan(kTypeBytes)};
}

}  // namespace smol
