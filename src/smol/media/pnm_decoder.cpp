// Formats: pbm(5), pgm(5), ppm(5), pam(5) of netpbm.
#include "smol/media/pnm_decoder.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>

#include "smol/media/alpha.h"
#include "smol/media/row_decoder.h"

namespace smol {
namespace {

ItemError corrupt(const char* message) { return {ItemErrorCode::kCorrupt, message}; }
ItemError truncated() { return {ItemErrorCode::kTruncated, "the file ends before the picture does"}; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Words and numbers separated by white space and comments.
class TextReader {
 public:
  explicit TextReader(std::string_view text) : text_(text) {}
  size_t offset() const { return offset_; }
  bool at_end() const { return offset_ == text_.size(); }
  char peek() const { return text_[offset_]; }
  void skip_byte() { ++offset_; }

  void skip_space() {
    for (; !at_end(); ++offset_) {
      if (peek() == '#') {
        skip_line();
        if (at_end()) return;
      } else if (!is_space(peek())) {
        return;
      }
    }
  }
  // To the line's end, not over it.
  void skip_line() { offset_ = std::min(text_.find('\n', offset_), text_.size()); }

  std::string_view word() {
    skip_space();
    const size_t first = offset_;
    while (!at_end() && !is_space(peek())) ++offset_;
    return text_.substr(first, offset_ - first);
  }

  // kTruncated at the end, kCorrupt if there is no number that fits in an int.
  Result<int> number() {
    skip_space();
    if (at_end()) return truncated();
    const size_t first = offset_;
    int64_t value = 0;
    for (; !at_end() && peek() >= '0' && peek() <= '9'; ++offset_) {
      value = value * 10 + (peek() - '0');
      if (value > std::numeric_limits<int>::max()) return corrupt("a number too large");
    }
    if (offset_ == first) return corrupt("something else where a number should be");
    return static_cast<int>(value);
  }

  // One digit 0 or 1, which needs no white space around it.
  Result<int> bit() {
    skip_space();
    if (at_end()) return truncated();
    const char digit = peek();
    if (digit != '0' && digit != '1') return corrupt("something else where 0 or 1 should be");
    ++offset_;
    return digit - '0';
  }

 private:
  std::string_view text_;
  size_t offset_ = 0;
};

struct PnmHeader {
  char kind = '6';
  Size size;
  int samples = 3;  // a pixel
  int max_value = 255;
  size_t pixels_offset = 0;
  bool is_text() const { return kind <= '3'; }
  bool is_bitmap() const { return kind == '1' || kind == '4'; }
};

Status read_pam_fields(TextReader& reader, PnmHeader& header) {
  header.samples = header.max_value = 0;
  for (;;) {
    const std::string_view key = reader.word();
    if (reader.at_end()) return truncated();
    if (key == "ENDHDR") return ok_status();
    if (key == "TUPLTYPE") {
      reader.skip_line();
      continue;
    }
    int* const field = key == "WIDTH"    ? &header.size.width
                       : key == "HEIGHT" ? &header.size.height
                       : key == "DEPTH"  ? &header.samples
                       : key == "MAXVAL" ? &header.max_value
                                         : nullptr;
    if (field == nullptr) return corrupt("an unknown field in the header");
    const Result<int> value = reader.number();
    if (!value.ok()) return value.error();
    *field = *value;
  }
}

Status read_plain_fields(TextReader& reader, PnmHeader& header) {
  header.samples = header.kind == '3' || header.kind == '6' ? 3 : 1;
  header.max_value = 1;
  for (int* field : {&header.size.width, &header.size.height, &header.max_value}) {
    if (field == &header.max_value && header.is_bitmap()) continue;
    const Result<int> value = reader.number();
    if (!value.ok()) return value.error();
    *field = *value;
  }
  return ok_status();
}

Result<PnmHeader> read_header(std::string_view text) {
  if (text.size() < 3) return truncated();
  PnmHeader header;
  header.kind = text[1];
  TextReader reader(text);
  reader.skip_byte();
  reader.skip_byte();
  const Status status = header.kind == '7' ? read_pam_fields(reader, header) : read_plain_fields(reader, header);
  if (!status.ok()) return status.error();
  if (reader.at_end()) return truncated();
  if (!is_space(reader.peek())) return corrupt("no white space behind the header");
  header.pixels_offset = reader.offset() + 1;
  if (header.size.width == 0 || header.size.height == 0) return corrupt("a picture without pixels");
  if (header.max_value < 1 || header.max_value > 65535) return corrupt("a largest value outside 1 to 65535");
  if (header.samples < 1) return corrupt("a picture without samples");
  if (header.samples > 4) return ItemError{ItemErrorCode::kUnsupportedFormat, "more than four samples a pixel"};
  return header;
}

class PnmDecoder final : public RowDecoder {
 public:
  Result<ImageInfo> inspect(std::span<const std::byte> bytes) override;

 protected:
  Result<Size> start(Bytes bytes) override;
  Status prepare(int rows) override;
  Status read_row(uint8_t* rgb) override;

 private:
  int64_t row_bytes() const;
  Result<int> sample();
  Status read_pixel(uint8_t* rgb);

  PnmHeader header_;
  std::string_view text_;
  TextReader reader_{{}};
  size_t next_ = 0;  // byte, where samples are binary
};

std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

Result<ImageInfo> PnmDecoder::inspect(std::span<const std::byte> bytes) {
  const Result<PnmHeader> header = read_header(as_text(bytes));
  if (!header.ok()) return header.error();
  ImageInfo info;
  info.format = ImageFormat::kPnm;
  info.stored = header->size;
  info.colour = header->samples < 3 ? ColourModel::kGrey : ColourModel::kRgb;
  info.bits_per_sample = header->is_bitmap() ? 1 : header->max_value > 255 ? 16 : 8;
  info.has_alpha = header->samples % 2 == 0;
  return info;
}

Result<Size> PnmDecoder::start(Bytes bytes) {
  text_ = as_text(bytes);
  const Result<PnmHeader> header = read_header(text_);
  if (!header.ok()) return header.error();
  header_ = *header;
  return header_.size;
}

int64_t PnmDecoder::row_bytes() const {
  if (header_.kind == '4') return (int64_t{header_.size.width} + 7) / 8;
  return int64_t{header_.size.width} * header_.samples * (header_.max_value > 255 ? 2 : 1);
}

Status PnmDecoder::prepare(int rows) {
  const std::string_view pixels = text_.substr(header_.pixels_offset);
  reader_ = TextReader(pixels);
  next_ = header_.pixels_offset;
  // A text sample takes at least a byte, so a tiny file cannot claim a huge picture either way.
  const int64_t least = header_.is_text() ? int64_t{header_.size.width} * header_.samples : row_bytes();
  return least * rows <= static_cast<int64_t>(pixels.size()) ? ok_status() : Status(truncated());
}

// Not for kind 4.
Result<int> PnmDecoder::sample() {
  if (header_.kind == '1') return reader_.bit();
  if (header_.is_text()) return reader_.number();
  const auto byte = [this] { return static_cast<uint8_t>(text_[next_++]); };
  const int high = header_.max_value > 255 ? byte() << 8 : 0;
  return high | byte();
}

Status PnmDecoder::read_pixel(uint8_t* rgb) {
  uint8_t rgba[4] = {0, 0, 0, 255};
  for (int i = 0; i < header_.samples; ++i) {
    const Result<int> value = sample();
    if (!value.ok()) return value.error();
    if (*value > header_.max_value) return corrupt("a sample larger than the largest value");
    const int scaled = (*value * 255 + header_.max_value / 2) / header_.max_value;
    rgba[header_.samples == 2 && i == 1 ? 3 : i] = static_cast<uint8_t>(scaled);
  }
  if (header_.kind == '1') rgba[0] = 255 - rgba[0];  // 1 is black
  if (header_.samples < 3) rgba[1] = rgba[2] = rgba[0];
  if (rgb != nullptr) composite_over_background(rgba, 1, kAlphaBackground, rgb);
  return ok_status();
}

Status PnmDecoder::read_row(uint8_t* rgb) {
  const int width = header_.size.width;
  const bool plain = header_.kind == '6' && header_.max_value == 255;
  if (header_.kind == '4' || plain) {
    const std::string_view row = text_.substr(next_, static_cast<size_t>(row_bytes()));
    next_ += row.size();
    if (rgb == nullptr) return ok_status();
    if (plain) {
      std::copy(row.begin(), row.end(), rgb);
      return ok_status();
    }
    for (int x = 0; x < width; ++x) {
      const bool black = (row[static_cast<size_t>(x) / 8] >> (7 - x % 8) & 1) != 0;
      std::fill_n(rgb + ptrdiff_t{x} * 3, 3, black ? uint8_t{0} : uint8_t{255});
    }
    return ok_status();
  }
  for (int x = 0; x < width; ++x) {
    if (const Status status = read_pixel(rgb == nullptr ? nullptr : rgb + ptrdiff_t{x} * 3); !status.ok()) {
      return status;
    }
  }
  return ok_status();
}

}  // namespace

std::unique_ptr<Decoder> make_pnm_decoder() { return std::make_unique<PnmDecoder>(); }

}  // namespace smol
