// What decoders of simple formats share: a picture is rows, one after the other, and nothing is known of them before.
#pragma once

#include "smol/base/aligned_buffer.h"
#include "smol/media/bytes.h"
#include "smol/media/decoder.h"

namespace smol {

// A format says how its header and its rows are read; limits, regions and strips are done here.
class RowDecoder : public Decoder {
 public:
  Result<DecodedGeometry> open(std::span<const std::byte> bytes, const DecodeSpec& spec,
                               const DecodeLimits& limits) final;
  Result<Strip> next_strip() final;

 protected:
  // Reads the headers of the file that is decoded next; takes no memory that depends on the size.
  virtual Result<Size> start(Bytes bytes) = 0;
  // Called once the limits are known to hold. Rows from `rows` on are not read. May throw std::bad_alloc.
  virtual Status prepare(int rows) = 0;
  // The next row of the picture, width * 3 bytes; nullptr: the row is not wanted. From the first row on, without gap.
  virtual Status read_row(uint8_t* rgb) = 0;

 private:
  ItemError abandon(const ItemError& error);

  AlignedBuffer strip_;
  int width_ = 0;
  int height_ = 0;  // of the picture
  Rect window_;
  int next_row_ = 0;  // of the window
  bool whole_file_ = false;
};

}  // namespace smol
