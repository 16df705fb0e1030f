#include "smol/media/fast_png.h"

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <cstring>

#include "smol/media/alpha.h"
#include "smol/media/decoder.h"
#include "smol/media/strip_rows.h"

namespace smol {
namespace {

// Inflated at once: each call copies 32 KiB of history, and what is inflated must still be in L2 when it is
// unfiltered.
constexpr size_t kBatchBytes = 128 << 10;
constexpr int kMostSide = 1'000'000;               // as libpng: it says what is wrong with larger ones
constexpr size_t kMostInflatedBytes = UINT32_MAX;  // ISA-L counts in 32 bits

enum ColourType : uint32_t { kGrey = 0, kRgb = 2, kPalette = 3, kGreyAlpha = 4, kRgba = 6 };

int channels_of(uint32_t colour_type) {
  switch (colour_type) {
    case kRgb: return 3;
    case kGreyAlpha: return 2;
    case kRgba: return 4;
    default: return 1;
  }
}

bool has_default_methods(Bytes header_body) {
  constexpr size_t kCompressionAt = 10;  // then filtering, then interlacing
  return header_body.size() == 13 && header_body[kCompressionAt] == std::byte{0} &&
         header_body[kCompressionAt + 1] == std::byte{0} && header_body[kCompressionAt + 2] == std::byte{0};
}

}  // namespace

FastPng::FastPng() : inflate_(std::make_unique<inflate_state>()) {}
FastPng::~FastPng() = default;

bool FastPng::start(Bytes png, const PngHeaders& header, const Rect& window, bool whole_file) {
  if (header.bits_per_sample != 8 || header.interlaced) return false;
  if (header.size.width > kMostSide || header.size.height > kMostSide) return false;
  channels_ = channels_of(header.colour_type);
  has_palette_ = header.colour_type == kPalette;
  row_bytes_ = static_cast<size_t>(header.size.width) * static_cast<size_t>(channels_);
  height_ = header.size.height;
  if ((row_bytes_ + 1) * static_cast<size_t>(height_) > kMostInflatedBytes) return false;
  chunks_ = PngChunks(png);
  if (!read_chunks_before_pixels()) return false;

  window_ = window;
  whole_file_ = whole_file;
  const auto rows_in_batch = std::max<size_t>(kStripRows, kBatchBytes / row_bytes_ / kStripRows * kStripRows);
  batch_rows_ = static_cast<int>(std::min<size_t>(rows_in_batch, static_cast<size_t>(height_)));
  pixel_stride_ = (row_bytes_ + kPngRowPadding + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
  filtered_.ensure((row_bytes_ + 1) * static_cast<size_t>(batch_rows_) + kPngRowPadding);
  pixels_.ensure(pixel_stride_ * (static_cast<size_t>(batch_rows_) + 1));
  rows_.resize(static_cast<size_t>(batch_rows_));
  if (channels_ != 3) rgb_.ensure(static_cast<size_t>(window.width()) * 3 * kStripRows);
  std::memset(pixels_.data(), 0, pixel_stride_);
  batch_first_ = batch_end_ = 0;
  next_row_ = window.top;
  return true;
}

// Up to the first piece of pixel data. Whatever is unusual (colour keys, order, unknown critical chunks) is libpng's.
bool FastPng::read_chunks_before_pixels() {
  const auto header = chunks_.next();
  if (!header || !has_default_methods(header->body)) return false;
  Bytes colours;
  Bytes alphas;
  for (auto chunk = chunks_.next(); chunk; chunk = chunks_.next()) {
    if (chunk->type == "IDAT") {
      if (has_palette_ && colours.empty()) return false;
      if (has_palette_) set_palette(colours, alphas);
      isal_inflate_init(inflate_.get());
      inflate_->crc_flag = ISAL_ZLIB;
      inflate_->next_in = reinterpret_cast<uint8_t*>(const_cast<std::byte*>(chunk->body.data()));
      inflate_->avail_in = static_cast<uint32_t>(chunk->body.size());
      return true;
    }
    if (chunk->type == "PLTE") {
      if (!colours.empty() || chunk->body.empty() || chunk->body.size() % 3 != 0 || chunk->body.size() > 768)
        return false;
      colours = chunk->body;
    } else if (chunk->type == "tRNS") {
      const bool fits =
          has_palette_ && alphas.empty() && !chunk->body.empty() && chunk->body.size() * 3 <= colours.size();
      if (!fits) return false;
      alphas = chunk->body;
    } else if (chunk->is_critical()) {
      return false;
    }
  }
  return false;
}

void FastPng::set_palette(Bytes colours, Bytes alphas) {
  palette_colours_ = static_cast<int>(colours.size() / 3);
  for (size_t i = 0; i < colours.size() / 3; ++i) {
    uint8_t rgba[4] = {0, 0, 0, i < alphas.size() ? std::to_integer<uint8_t>(alphas[i]) : uint8_t{255}};
    std::memcpy(rgba, colours.data() + i * 3, 3);
    composite_over_background(rgba, 1, kAlphaBackground, palette_.data() + i * 3);
  }
}

// Exactly `bytes` more, through as many pieces of pixel data as it takes.
bool FastPng::inflate(uint8_t* to, size_t bytes) {
  inflate_->next_out = to;
  inflate_->avail_out = static_cast<uint32_t>(bytes);
  while (inflate_->avail_out > 0) {
    const uint32_t room_before = inflate_->avail_out;
    if (isal_inflate(inflate_.get()) != ISAL_DECOMP_OK) return false;
    if (inflate_->avail_out == 0) break;
    if (inflate_->block_state == ISAL_BLOCK_FINISH && inflate_->avail_out == room_before) return false;
    if (inflate_->avail_in > 0) continue;
    const auto chunk = chunks_.next();
    if (!chunk || chunk->type != "IDAT") return false;
    inflate_->next_in = reinterpret_cast<uint8_t*>(const_cast<std::byte*>(chunk->body.data()));
    inflate_->avail_in = static_cast<uint32_t>(chunk->body.size());
  }
  return true;
}

// The next rows of the picture, as pixels behind the last row of the batch before.
bool FastPng::read_rows(int rows) {
  auto* filtered = reinterpret_cast<uint8_t*>(filtered_.data());
  auto* above = reinterpret_cast<uint8_t*>(pixels_.data());
  const auto before = static_cast<size_t>(batch_end_ - batch_first_);
  if (before > 0) std::memcpy(above, above + before * pixel_stride_, row_bytes_);
  batch_first_ = batch_end_;
  if (!inflate(filtered, (row_bytes_ + 1) * static_cast<size_t>(rows))) return false;
  for (size_t y = 0; y < static_cast<size_t>(rows); ++y) {
    rows_[y] = {filtered + y * (row_bytes_ + 1), above + (y + 1) * pixel_stride_};
  }
  batch_end_ += rows;
  return png_unfilter(rows_.data(), rows, above, row_bytes_, channels_);
}

// Inflated and looked at, but not unfiltered: no pixel of these or of later rows is wanted.
bool FastPng::skip_rows(int rows) {
  auto* filtered = reinterpret_cast<uint8_t*>(filtered_.data());
  if (!inflate(filtered, (row_bytes_ + 1) * static_cast<size_t>(rows))) return false;
  constexpr uint8_t kLastFilter = 4;
  for (size_t y = 0; y < static_cast<size_t>(rows); ++y) {
    if (filtered[y * (row_bytes_ + 1)] > kLastFilter) return false;
  }
  batch_first_ = batch_end_ += rows;
  return true;
}

// The compressed data end with the last row, and the chunks with the one that ends the file.
bool FastPng::finish_file() {
  uint8_t too_much = 0;
  inflate_->next_out = &too_much;
  inflate_->avail_out = 1;
  while (inflate_->block_state != ISAL_BLOCK_FINISH || inflate_->avail_in > 0) {
    if (inflate_->block_state == ISAL_BLOCK_FINISH) return false;
    if (isal_inflate(inflate_.get()) != ISAL_DECOMP_OK || inflate_->avail_out == 0) return false;
    if (inflate_->block_state == ISAL_BLOCK_FINISH || inflate_->avail_in > 0) continue;
    const auto chunk = chunks_.next();
    if (!chunk || chunk->type != "IDAT") return false;
    inflate_->next_in = reinterpret_cast<uint8_t*>(const_cast<std::byte*>(chunk->body.data()));
    inflate_->avail_in = static_cast<uint32_t>(chunk->body.size());
  }
  for (auto chunk = chunks_.next(); chunk; chunk = chunks_.next()) {
    if (chunk->type == "IEND") return true;
    if (chunk->is_critical() || chunk->type == "tRNS") return false;
  }
  return false;
}

bool FastPng::convert_row(const uint8_t* pixels, uint8_t* rgb) const {
  const int width = window_.width();
  if (channels_ == 4) {
    composite_over_background(pixels, width, kAlphaBackground, rgb);
  } else if (channels_ == 2) {
    for (int x = 0; x < width; ++x, pixels += 2, rgb += 3) {
      const uint8_t rgba[4] = {pixels[0], pixels[0], pixels[0], pixels[1]};
      composite_over_background(rgba, 1, kAlphaBackground, rgb);
    }
  } else if (has_palette_) {
    for (int x = 0; x < width; ++x, rgb += 3) {
      if (pixels[x] >= palette_colours_) return false;
      std::memcpy(rgb, palette_.data() + size_t{pixels[x]} * 3, 3);
    }
  } else {
    for (int x = 0; x < width; ++x, rgb += 3) rgb[0] = rgb[1] = rgb[2] = pixels[x];
  }
  return true;
}

std::optional<Strip> FastPng::next_strip() {
  if (next_row_ >= window_.bottom) return Strip{window_.height(), {}};
  while (next_row_ >= batch_end_) {
    if (!read_rows(std::min(batch_rows_, window_.bottom - batch_end_))) return std::nullopt;
  }
  const int rows = std::min({kStripRows, batch_end_ - next_row_, window_.bottom - next_row_});
  const auto* first = reinterpret_cast<const uint8_t*>(pixels_.data()) +
                      static_cast<size_t>(next_row_ - batch_first_ + 1) * pixel_stride_ +
                      static_cast<size_t>(window_.left) * static_cast<size_t>(channels_);
  Strip strip{next_row_ - window_.top, {first, {rows, window_.width()}, 3, static_cast<ptrdiff_t>(pixel_stride_)}};
  if (channels_ != 3) {
    auto* rgb = reinterpret_cast<uint8_t*>(rgb_.data());
    const ptrdiff_t stride = ptrdiff_t{window_.width()} * 3;
    for (int y = 0; y < rows; ++y) {
      if (!convert_row(strip.rgb.row(y), rgb + y * stride)) return std::nullopt;
    }
    strip.rgb.data = rgb;
    strip.rgb.stride_bytes = stride;
  }
  next_row_ += rows;
  return strip;
}

bool FastPng::is_sound_to_the_end() {
  if (!whole_file_) return true;
  while (batch_end_ < height_) {
    if (!skip_rows(std::min(batch_rows_, height_ - batch_end_))) return false;
  }
  return finish_file();
}

}  // namespace smol
