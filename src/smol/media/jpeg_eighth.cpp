#include "smol/media/jpeg_eighth.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "smol/media/strip_rows.h"

namespace smol {
namespace {

constexpr int kEndOfImage = 0xd9;
constexpr int kFirstRestart = 0xd0;

// libjpeg's conversion, in 16-bit fixed point.
constexpr int fixed(double factor) { return static_cast<int>(factor * 65536 + 0.5); }
void to_rgb(int luma, int blue, int red, uint8_t* rgb) {
  const auto clamped = [](int value) { return static_cast<uint8_t>(std::clamp(value, 0, 255)); };
  blue -= 128;
  red -= 128;
  rgb[0] = clamped(luma + jpeg_descale(fixed(1.40200) * red, 16));
  rgb[1] = clamped(luma + jpeg_descale(-fixed(0.34414) * blue - fixed(0.71414) * red, 16));
  rgb[2] = clamped(luma + jpeg_descale(fixed(1.77200) * blue, 16));
}

// The library has not looked yet whether there is a table of that number.
template <typename Table, size_t kTables>
const Table* table_of(Table* const (&tables)[kTables], int number) {
  return number >= 0 && static_cast<size_t>(number) < kTables ? tables[number] : nullptr;
}

// `number` of the file's tables, made of what defines it. Nullptr: there is none, or none that this way can use.
template <typename Made, size_t kMade>
const Made* made_of(std::array<Made, kMade>& made, JHUFF_TBL* const (&tables)[NUM_HUFF_TBLS], int number) {
  const JHUFF_TBL* table = table_of(tables, number);
  if (table == nullptr || static_cast<size_t>(number) >= kMade) return nullptr;
  Made& chosen = made[static_cast<size_t>(number)];
  return chosen.assign(*table) ? &chosen : nullptr;
}

}  // namespace

bool JpegEighth::add_component(const jpeg_decompress_struct& info, const jpeg_component_info& component) {
  const JQUANT_TBL* quantisers = table_of(info.quant_tbl_ptrs, component.quant_tbl_no);
  if (quantisers == nullptr) return false;
  const size_t number = component_count_++;
  Component& added = components_[number];
  added.horizontal = component.h_samp_factor;
  added.vertical = component.v_samp_factor;
#if JPEG_LIB_VERSION >= 70
  added.side = component.DCT_h_scaled_size;
  if (component.DCT_v_scaled_size != added.side) return false;
#else
  added.side = component.DCT_scaled_size;
#endif
  const bool is_first = number == 0;
  if (info.num_components == 1) added.horizontal = added.vertical = 1;
  if (added.side < 1 || added.side > (is_first ? 1 : 2)) return false;
  if (is_first ? added.horizontal > 2 || added.vertical > 2 : added.horizontal != 1 || added.vertical != 1)
    return false;
  added.dc_quantiser = quantisers->quantval[0];
  added.dc_value = 0;
  const auto side = static_cast<size_t>(added.side);
  added.stride = static_cast<size_t>(mcus_per_row_) * static_cast<size_t>(added.horizontal) * side;
  added.plane.ensure(added.stride * static_cast<size_t>(added.vertical) * side);
  added.dc = made_of(dc_tables_, info.dc_huff_tbl_ptrs, component.dc_tbl_no);
  if (added.dc == nullptr) return false;
  if (added.side == 1) {
    added.skipper = made_of(skippers_, info.ac_huff_tbl_ptrs, component.ac_tbl_no);
    return added.skipper != nullptr;
  }
  added.block.quantise_by(quantisers->quantval);
  added.ac = made_of(ac_tables_, info.ac_huff_tbl_ptrs, component.ac_tbl_no);
  return added.ac != nullptr;
}

bool JpegEighth::start(const jpeg_decompress_struct& info, const Rect& window, bool whole_file) {
  const bool is_grey = info.num_components == 1 && info.jpeg_color_space == JCS_GRAYSCALE;
  const bool is_ycc = info.num_components == 3 && info.jpeg_color_space == JCS_YCbCr;
  if (info.progressive_mode || info.arith_code || info.data_precision != 8 || (!is_grey && !is_ycc) ||
      info.comps_in_scan != info.num_components) {
    return false;
  }
  if (info.Ss != 0 || info.Se != kJpegCoefficients - 1 || info.Ah != 0 || info.Al != 0) return false;
  const jpeg_component_info& luma = info.comp_info[0];
  const auto mcu_width = static_cast<JDIMENSION>(is_grey ? 8 : luma.h_samp_factor * 8);
  const auto mcu_height = static_cast<JDIMENSION>(is_grey ? 8 : luma.v_samp_factor * 8);
  mcus_per_row_ = static_cast<int>((info.image_width + mcu_width - 1) / mcu_width);
  mcu_rows_ = static_cast<int>((info.image_height + mcu_height - 1) / mcu_height);
  component_count_ = 0;
  for (int i = 0; i < info.num_components; ++i) {
    if (info.cur_comp_info[i] != &info.comp_info[i] || !add_component(info, info.comp_info[i])) return false;
  }
  rows_per_mcu_ = components_[0].vertical;
  restart_interval_ = static_cast<int>(info.restart_interval);
  mcus_to_restart_ = restart_interval_;
  next_restart_ = 0;
  next_mcu_row_ = 0;
  window_ = window;
  whole_file_ = whole_file;
  next_row_ = window.top;
  const auto* data = reinterpret_cast<const uint8_t*>(info.src->next_input_byte);
  in_ = {data, data + info.src->bytes_in_buffer};
  strip_.ensure(static_cast<size_t>(window.width()) * 3 * kStripRows);
  return true;
}

// Inlined, so that the bits stay in registers: 15 % of the time.
[[gnu::always_inline]] inline bool JpegEighth::read_block(JpegBits& in, Component& component, uint8_t* out) {
  in.refill();
  const JpegCoefficient difference = component.dc->next(in.bits());
  if (difference.bits == 0) return false;
  in.skip(difference.bits);
  component.dc_value += difference.value;
  if (std::abs(component.dc_value) > kMostJpegCoefficient) return false;
  const int dc = component.dc_value * component.dc_quantiser;
  if (std::abs(dc) > kMostJpegCoefficient) return false;
  if (component.side == 1) {
    *out = jpeg_block_mean(dc);
    return component.skipper->skip(in);
  }
  JpegHalfBlock& block = component.block;
  block.begin(dc);
  for (int k = 1; k < kJpegCoefficients; ++k) {
    in.refill();
    const JpegCoefficient coefficient = component.ac->next(in.bits());
    if (coefficient.bits == 0) return false;
    in.skip(coefficient.bits);
    if (coefficient.run == kJpegEndOfBlock) break;
    k += coefficient.run;
    if (k >= kJpegCoefficients) return false;
    block.add(k, coefficient.value);
  }
  return block.pixels(out, out + component.stride);
}

bool JpegEighth::pass_restart() {
  if (restart_interval_ == 0) return true;
  if (mcus_to_restart_ == 0) {
    if (!in_.at_marker(kFirstRestart + next_restart_)) return false;
    in_.pass_marker();
    next_restart_ = (next_restart_ + 1) % 8;
    mcus_to_restart_ = restart_interval_;
    for (Component& component : components_) component.dc_value = 0;
  }
  --mcus_to_restart_;
  return true;
}

bool JpegEighth::read_mcu_row() {
  for (int mcu = 0; mcu < mcus_per_row_; ++mcu) {
    if (!pass_restart()) return false;
    JpegBits in = in_;
    for (size_t i = 0; i < component_count_; ++i) {
      Component& component = components_[i];
      for (int y = 0; y < component.vertical; ++y) {
        for (int x = 0; x < component.horizontal; ++x) {
          const int column = (mcu * component.horizontal + x) * component.side;
          if (!read_block(in, component, component.at(y * component.side, column))) return false;
        }
      }
    }
    in_ = in;
    if (in_.overrun()) return false;
  }
  ++next_mcu_row_;
  return true;
}

// Chroma without a pixel of its own is that of its block.
void JpegEighth::convert_row(int row, uint8_t* rgb) {
  const uint8_t* luma = components_[0].at(row, 0);
  if (component_count_ == 1) {
    for (int x = window_.left; x < window_.right; ++x, rgb += 3) std::memset(rgb, luma[x], 3);
    return;
  }
  const bool own_pixels = components_[1].side == 2;
  const int chroma_row = own_pixels ? row : 0;
  const int chroma_shift = own_pixels || components_[0].horizontal == 1 ? 0 : 1;
  const uint8_t* blue = components_[1].at(chroma_row, 0);
  const uint8_t* red = components_[2].at(chroma_row, 0);
  for (int x = window_.left; x < window_.right; ++x, rgb += 3) {
    to_rgb(luma[x], blue[x >> chroma_shift], red[x >> chroma_shift], rgb);
  }
}

std::optional<Strip> JpegEighth::next_strip() {
  const int rows = std::min(kStripRows, window_.bottom - next_row_);
  const int first = next_row_ - window_.top;
  if (rows <= 0) return Strip{first, {}};
  auto* pixels = reinterpret_cast<uint8_t*>(strip_.data());
  const ptrdiff_t stride = ptrdiff_t{window_.width()} * 3;
  for (int row = 0; row < rows; ++row, ++next_row_) {
    while (next_mcu_row_ <= next_row_ / rows_per_mcu_) {
      if (!read_mcu_row()) return std::nullopt;
    }
    convert_row(next_row_ % rows_per_mcu_, pixels + row * stride);
  }
  if (next_row_ == window_.bottom && whole_file_) {
    while (next_mcu_row_ < mcu_rows_) {
      if (!read_mcu_row()) return std::nullopt;
    }
    if (!in_.at_marker(kEndOfImage)) return std::nullopt;
  }
  return Strip{first, {pixels, {rows, window_.width()}, 3, stride}};
}

}  // namespace smol
