// The pictures that most PNGs are (8 bit, not interlaced, grey, RGB or palette, with or without an alpha channel),
// inflated by ISA-L and unfiltered by png_unfilter.h: a quarter of libpng's time.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "smol/base/aligned_buffer.h"
#include "smol/base/decode_spec.h"
#include "smol/media/bytes.h"
#include "smol/media/png_chunks.h"
#include "smol/media/png_headers.h"
#include "smol/media/png_unfilter.h"

struct inflate_state;  // ISA-L's

namespace smol {

// Not thread-safe. Memory: some rows, whatever the picture's height. Says only that something is wrong, not what:
// libpng is asked then.
class FastPng {
 public:
  FastPng();
  ~FastPng();

  // Whether the file is one for this way and sound up to its pixels. Rows and columns of `window` are wanted;
  // `whole_file`: the rest is checked to the end. Throws std::bad_alloc.
  bool start(Bytes png, const PngHeaders& header, const Rect& window, bool whole_file);
  // 0 rows: the end. Nothing: the file is damaged.
  std::optional<Strip> next_strip();
  // After the last strip: whether what follows it is as it should be (true if that does not matter).
  bool is_sound_to_the_end();
  bool at_end() const { return next_row_ >= window_.bottom; }

 private:
  bool read_chunks_before_pixels();
  bool skip_rows(int rows);
  void set_palette(Bytes colours, Bytes alphas);
  bool inflate(uint8_t* to, size_t bytes);
  bool read_rows(int rows);
  bool finish_file();
  bool convert_row(const uint8_t* pixels, uint8_t* rgb) const;

  std::unique_ptr<inflate_state> inflate_;
  PngChunks chunks_;
  int channels_ = 3;  // of the stored pixels
  bool has_palette_ = false;
  std::array<uint8_t, 256 * 3> palette_{};  // RGB, composited over the background
  int palette_colours_ = 0;
  size_t row_bytes_ = 0;
  int height_ = 0;
  Rect window_;
  bool whole_file_ = false;
  int batch_rows_ = 0;             // rows that are inflated at once
  AlignedBuffer filtered_;         // batch_rows_ rows as inflated, without gaps
  std::vector<FilteredRow> rows_;  // of the batch
  AlignedBuffer pixels_;           // the row above the batch, then the batch
  size_t pixel_stride_ = 0;
  AlignedBuffer rgb_;    // a strip, unless the pixels are RGB
  int batch_first_ = 0;  // row of the picture
  int batch_end_ = 0;
  int next_row_ = 0;  // of the picture: the next to be handed out
};

}  // namespace smol
