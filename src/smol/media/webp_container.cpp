// WebP Container Specification (RFC 9649, section 2).
#include "smol/media/webp_container.h"

#include <optional>

namespace smol {
namespace {

constexpr size_t kChunkHeaderBytes = 8;
constexpr size_t kRiffHeaderBytes = 12;
constexpr size_t kCanvasBytes = 10;        // payload of VP8X
constexpr size_t kFrameHeaderBytes = 16;   // of ANMF, before the frame's own chunks
constexpr uint32_t kAnimationFlag = 0x02;  // of VP8X
constexpr uint32_t kXmpFlag = 0x04;
constexpr uint32_t kExifFlag = 0x08;

ItemError corrupt(const char* message) { return {ItemErrorCode::kCorrupt, message}; }
ItemError truncated() { return {ItemErrorCode::kTruncated, "the file ends before the picture does"}; }

struct Chunk {
  Bytes whole;    // header and payload, as much as there is
  Bytes payload;  // as much of it as there is
  size_t end;     // offset of the next chunk; behind the bytes if this one is cut
  bool is(std::string_view type) const { return holds(whole, 0, type); }
};

// nullopt: not even a chunk's header is left.
std::optional<Chunk> chunk_at(Bytes bytes, size_t offset) {
  const auto length = NumberReader(bytes, false).u32(offset + 4);
  if (!length) return std::nullopt;
  const size_t padded = size_t{*length} + (*length & 1);
  return Chunk{clipped(bytes, offset, kChunkHeaderBytes + *length),
               clipped(bytes, offset + kChunkHeaderBytes, *length), offset + kChunkHeaderBytes + padded};
}

int u24(Bytes bytes, size_t offset) {  // the bytes must be there
  const NumberReader number(bytes, false);
  return static_cast<int>(*number.u16(offset) | *number.u8(offset + 2) << 16);
}

// The part of `chunks` that libwebp decodes: the first picture with the alpha plane in front of it.
Bytes find_bitstream(Bytes chunks, size_t offset) {
  std::optional<size_t> alpha;
  while (const auto chunk = chunk_at(chunks, offset)) {
    if (chunk->is("ALPH") && !alpha) alpha = offset;
    if (chunk->is("VP8 ") || chunk->is("VP8L")) {
      const size_t first = chunk->is("VP8 ") ? alpha.value_or(offset) : offset;
      return clipped(chunks, first, offset + chunk->whole.size() - first);
    }
    offset = chunk->end;
  }
  return {};
}

Status read_first_frame(Bytes riff, WebpContainer& container) {
  size_t offset = kRiffHeaderBytes;
  while (const auto chunk = chunk_at(riff, offset)) {
    offset = chunk->end;
    if (!chunk->is("ANMF")) continue;
    const Bytes payload = chunk->payload;
    if (payload.size() < kFrameHeaderBytes) break;
    Rect& frame = container.frame;
    frame.left = u24(payload, 0) * 2;
    frame.top = u24(payload, 3) * 2;
    frame.right = frame.left + u24(payload, 6) + 1;
    frame.bottom = frame.top + u24(payload, 9) + 1;
    if (frame.right > container.canvas.width || frame.bottom > container.canvas.height) {
      return corrupt("the first frame reaches out of the canvas");
    }
    container.bitstream = find_bitstream(payload, kFrameHeaderBytes);
    return ok_status();
  }
  return ok_status();
}

void read_metadata(Bytes riff, uint32_t flags, WebpContainer& container) {
  size_t offset = kRiffHeaderBytes;
  while (const auto chunk = chunk_at(riff, offset)) {
    offset = chunk->end;
    if ((flags & kExifFlag) != 0 && container.exif.empty() && chunk->is("EXIF")) {
      const size_t prefix = holds(chunk->payload, 0, std::string_view("Exif\0\0", 6)) ? 6 : 0;
      container.exif = chunk->payload.subspan(prefix);
    }
    if ((flags & kXmpFlag) != 0 && container.xmp.empty() && chunk->is("XMP ")) container.xmp = chunk->payload;
  }
}

}  // namespace

Result<WebpContainer> read_webp_container(Bytes webp) {
  const auto riff_bytes = NumberReader(webp, false).u32(4);
  if (!riff_bytes) return truncated();
  const Bytes riff = clipped(webp, 0, size_t{*riff_bytes} + kChunkHeaderBytes);
  WebpContainer container;
  container.whole = riff.size() == size_t{*riff_bytes} + kChunkHeaderBytes;

  const auto first = chunk_at(riff, kRiffHeaderBytes);
  if (!first) return container.whole ? corrupt("a file without chunks") : truncated();
  if (first->is("VP8X")) {
    if (first->payload.size() < kCanvasBytes)
      return container.whole ? corrupt("a VP8X chunk too short") : truncated();
    const uint32_t flags = *NumberReader(first->payload, false).u8(0);
    container.canvas = {u24(first->payload, 7) + 1, u24(first->payload, 4) + 1};
    container.animated = (flags & kAnimationFlag) != 0;
    read_metadata(riff, flags, container);
  } else if (!first->is("VP8 ") && !first->is("VP8L")) {
    return corrupt("the first chunk is none of a picture");
  }
  if (container.animated) {
    if (const Status status = read_first_frame(riff, container); !status.ok()) return status.error();
  } else {
    container.bitstream = find_bitstream(riff, kRiffHeaderBytes);
  }
  if (container.bitstream.empty()) return container.whole ? corrupt("a file without a picture") : truncated();
  return container;
}

}  // namespace smol
