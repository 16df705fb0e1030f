// Baseline JPEGs at 1/8: a pixel a block is its DC coefficient, so AC coefficients are not decoded but skipped,
// several at once. Bit-identical to libjpeg-turbo's DCT scaling, for 0.6 of its time.
#pragma once

#include <array>
#include <optional>

#include "smol/base/aligned_buffer.h"
#include "smol/base/decode_spec.h"
#include "smol/media/jpeg_bits.h"
#include "smol/media/jpeg_half_block.h"
#include "smol/media/jpeg_huffman.h"

namespace smol {

// Not thread-safe. Memory: some rows, whatever the picture's height. Says only that something is wrong or unusual,
// not what: libjpeg is asked then.
class JpegEighth {
 public:
  JpegEighth() = default;
  JpegEighth(const JpegEighth&) = delete;
  JpegEighth& operator=(const JpegEighth&) = delete;

  // Whether the file is one for this way: baseline, one scan, grey or YCbCr with usual sampling. `info` has read the
  // header and knows the sizes at 1/8; its source stands at the entropy-coded data, which must stay alive. Rows and
  // columns of `window` are wanted; `whole_file`: the rest is checked to the end. Throws std::bad_alloc.
  bool start(const jpeg_decompress_struct& info, const Rect& window, bool whole_file);
  // 0 rows: the end. Nothing: the file is damaged, or codes something in an unusual way.
  std::optional<Strip> next_strip();

 private:
  static constexpr size_t kMostTables = 2;  // as baseline files have; more are left to the library

  struct Component {
    const JpegDcTable* dc = nullptr;
    const JpegAcSkipper* skipper = nullptr;  // where a block is one pixel
    const JpegAcTable* ac = nullptr;         // where it is 2x2
    JpegHalfBlock block;
    int dc_quantiser = 1;
    int horizontal = 1;  // blocks of an MCU
    int vertical = 1;
    int side = 1;  // pixels a block: 1, or 2 for chroma of half the resolution
    int dc_value = 0;
    AlignedBuffer plane;  // one row of MCUs
    size_t stride = 0;
    uint8_t* at(int row, int column) {
      return reinterpret_cast<uint8_t*>(plane.data()) + static_cast<size_t>(row) * stride + column;
    }
  };

  bool add_component(const jpeg_decompress_struct& info, const jpeg_component_info& component);
  bool read_mcu_row();
  bool read_block(JpegBits& in, Component& component, uint8_t* out);
  bool pass_restart();
  void convert_row(int row, uint8_t* rgb);

  JpegBits in_;
  // By number. Kept from file to file: most files have the same ones.
  std::array<JpegDcTable, kMostTables> dc_tables_;
  std::array<JpegAcSkipper, kMostTables> skippers_;
  std::array<JpegAcTable, kMostTables> ac_tables_;
  std::array<Component, 3> components_;
  size_t component_count_ = 0;
  int mcus_per_row_ = 0;
  int mcu_rows_ = 0;
  int restart_interval_ = 0;
  int mcus_to_restart_ = 0;
  int next_restart_ = 0;
  int next_mcu_row_ = 0;
  int rows_per_mcu_ = 1;
  Rect window_;
  bool whole_file_ = false;
  int next_row_ = 0;  // of the picture: the next to be handed out
  AlignedBuffer strip_;
};

}  // namespace smol
