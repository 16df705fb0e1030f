#include "smol/media/jpeg2000_decoder.h"

#include <algorithm>
#include <bit>
#include <new>
#include <tuple>
#include <utility>

#include "smol/base/aligned_buffer.h"
#include "smol/media/alpha.h"
#include "smol/media/jpeg2000_headers.h"
#include "smol/media/jpeg2000_library.h"
#include "smol/media/region.h"
#include "smol/media/strip_rows.h"
#include "smol/media/yuv_to_rgb.h"

namespace smol {
namespace {

int divided_up(int value, int divisor) { return (value + divisor - 1) / divisor; }
int halved(int value, int times) { return divided_up(value, 1 << times); }

ChromaSubsampling subsampling_of(const Jpeg2000Header& header) {
  if (header.component_count < 3) return ChromaSubsampling::kNone;
  const Size step{header.components[1].step_y, header.components[1].step_x};
  if (step == Size{1, 1}) return ChromaSubsampling::k444;
  if (step == Size{1, 2}) return ChromaSubsampling::k422;
  if (step == Size{2, 2}) return ChromaSubsampling::k420;
  if (step == Size{2, 1}) return ChromaSubsampling::k440;
  if (step == Size{1, 4}) return ChromaSubsampling::k411;
  if (step == Size{4, 4}) return ChromaSubsampling::k410;
  return ChromaSubsampling::kOther;
}

// Raw codestreams and pictures with an ICC profile do not say; subsampled they can only be YCbCr.
ColourModel colour_model(const Jpeg2000Header& header) {
  if (header.has_palette) return ColourModel::kPalette;
  if (header.component_count < 3 || header.colour == Jpeg2000Colour::kGrey) return ColourModel::kGrey;
  const bool subsampled = header.components[0].step_x == 1 && header.components[1].step_x > 1;
  return subsampled || header.colour == Jpeg2000Colour::kSycc ? ColourModel::kYcbcr : ColourModel::kRgb;
}

// One channel of the decoded part, in its own subsampling.
struct Plane {
  const opj_image_comp_t* samples = nullptr;
  bool exists() const { return samples != nullptr; }
  void read_row(int y, int left, int width, uint8_t* out) const;
};

// To 8 bit, rounded; each sample as often as it has columns.
void Plane::read_row(int y, int left, int width, uint8_t* out) const {
  const int step_x = static_cast<int>(samples->dx);
  const OPJ_INT32* row = samples->data + static_cast<size_t>(y / static_cast<int>(samples->dy)) * samples->w;
  const int max = (1 << samples->prec) - 1;
  const int offset = samples->sgnd != 0 ? 1 << (samples->prec - 1) : 0;
  const auto value_at = [&](int x) { return std::clamp(row[x / step_x] + offset, 0, max); };
  if (max == 255) {
    for (int x = 0; x < width; ++x) out[x] = static_cast<uint8_t>(value_at(left + x));
  } else {
    for (int x = 0; x < width; ++x) out[x] = static_cast<uint8_t>((value_at(left + x) * 510 + max) / (2 * max));
  }
}

class Jpeg2000Decoder final : public Decoder {
 public:
  Result<ImageInfo> inspect(std::span<const std::byte> bytes) override;
  Result<std::vector<DecodeMode>> modes(std::span<const std::byte> bytes) override;
  Result<DecodedGeometry> open(std::span<const std::byte> bytes, const DecodeSpec& spec,
                               const DecodeLimits& limits) override;
  Result<Strip> next_strip() override;

 private:
  Status decode(Bytes bytes, const Jpeg2000Header& header, const Rect& output, bool all, int halvings);
  Status take_planes(const Jpeg2000Header& header, const Rect& area, int halvings);
  void read_row(int y, uint8_t* rgb);
  uint8_t* line(int index) { return reinterpret_cast<uint8_t*>(lines_.data()) + ptrdiff_t{index} * window_.width(); }

  Jpeg2000Image image_;
  Plane colours_[3];  // all the same for grey
  Plane alpha_;
  ColourModel model_ = ColourModel::kRgb;
  AlignedBuffer strip_;
  AlignedBuffer lines_;  // a row of each of 4 planes, and a row of RGBA
  Rect window_;          // of the decoded part
  int next_row_ = 0;     // of the window
};

Result<ImageInfo> Jpeg2000Decoder::inspect(std::span<const std::byte> bytes) {
  const Result<Jpeg2000Header> header = read_jpeg2000_header(bytes);
  if (!header.ok()) return header.error();
  ImageInfo info;
  info.format = ImageFormat::kJpeg2000;
  info.stored = header->size;
  info.colour = colour_model(*header);
  if (info.colour == ColourModel::kYcbcr) info.subsampling = subsampling_of(*header);
  info.bits_per_sample = header->components[0].depth;
  info.has_alpha = header->has_alpha;
  return info;
}

Result<std::vector<DecodeMode>> Jpeg2000Decoder::modes(std::span<const std::byte> bytes) {
  const Result<Jpeg2000Header> header = read_jpeg2000_header(bytes);
  if (!header.ok()) return header.error();
  std::vector<DecodeMode> modes;
  for (int halvings = 0; halvings <= header->levels(); ++halvings) {
    const Size size{halved(header->size.height, halvings), halved(header->size.width, halvings)};
    modes.push_back({DecodeSpec{.scale_denominator = 1 << halvings}, size});
  }
  return modes;
}

Result<DecodedGeometry> Jpeg2000Decoder::open(std::span<const std::byte> bytes, const DecodeSpec& spec,
                                              const DecodeLimits& limits) {
  image_.reset();
  window_ = {};
  next_row_ = 0;
  const Result<Jpeg2000Header> header = read_jpeg2000_header(bytes);
  if (!header.ok()) return header.error();
  if (const Status status = check_pixels(header->size, limits); !status.ok()) return status.error();
  if (const Status status = check_jpeg2000_cost(*header); !status.ok()) return status.error();
  if (header->colour == Jpeg2000Colour::kOther) {
    return ItemError{ItemErrorCode::kUnsupportedFormat, "a colour space other than sRGB, grey and sYCC"};
  }
  const int wanted = std::bit_width(static_cast<unsigned>(std::max(spec.scale_denominator, 1))) - 1;
  const int halvings = std::min(wanted, header->levels());
  const ScaledRegion region = scaled_region(header->size, spec.region, 1 << halvings);
  if (header->damage) return *header->damage;
  const bool all = !spec.region.has_value() || spec.read_to_end;
  if (const Status status = decode(bytes, *header, region.output, all, halvings); !status.ok()) {
    image_.reset();
    window_ = {};
    return status.error();
  }
  return DecodedGeometry{window_.size(), region.covers, 1 << halvings, header->size};
}

Status Jpeg2000Decoder::decode(Bytes bytes, const Jpeg2000Header& header, const Rect& output, bool all,
                               int halvings) {
  // Decoded is the window, out to whole samples of the coarsest component at the coarsest scale.
  const Size step = header.max_step();
  const auto aligned = [](int first, int last, int cell, int limit) {
    return std::pair(first / cell * cell, std::min(divided_up(last, cell) * cell, limit));
  };
  Rect area{0, 0, header.size.height, header.size.width};
  if (!all) {
    std::tie(area.top, area.bottom) =
        aligned(output.top << halvings, output.bottom << halvings, step.height << halvings, area.bottom);
    std::tie(area.left, area.right) =
        aligned(output.left << halvings, output.right << halvings, step.width << halvings, area.right);
  }
  window_ = {output.top - (area.top >> halvings), output.left - (area.left >> halvings),
             output.bottom - (area.top >> halvings), output.right - (area.left >> halvings)};
  model_ = colour_model(header);
  try {
    const auto width = static_cast<size_t>(window_.width());
    strip_.ensure(width * 3 * static_cast<size_t>(std::min(kStripRows, window_.height())));
    lines_.ensure(width * 8);
  } catch (const std::bad_alloc&) {
    return ItemError{ItemErrorCode::kOutOfMemory, "no memory for the rows of the picture"};
  }
  const Rect on_grid{area.top + header.top, area.left + header.left, area.bottom + header.top,
                     area.right + header.left};
  Result<Jpeg2000Image> image =
      decode_jpeg2000(bytes, {.boxed = header.boxed, .halvings = halvings, .has_area = !all, .area = on_grid});
  if (!image.ok()) return image.error();
  image_ = std::move(*image);
  return take_planes(header, on_grid, halvings);
}

// Which component is what, and that all of them are there.
Status Jpeg2000Decoder::take_planes(const Jpeg2000Header& header, const Rect& area, int halvings) {
  const ItemError contradiction{ItemErrorCode::kCorrupt, "the decoded picture is not the one of the header"};
  const Size step = header.max_step();
  alpha_ = {};
  int colour_count = 0;
  for (const opj_image_comp_t& samples : std::span(image_->comps, image_->numcomps)) {
    const int dx = static_cast<int>(samples.dx), dy = static_cast<int>(samples.dy);
    if (samples.data == nullptr || samples.prec < 1 || samples.prec > 16 || dx < 1 || dy < 1 || dx > step.width ||
        dy > step.height) {
      return contradiction;
    }
    const int width = halved(divided_up(area.right, dx), halvings) - halved(divided_up(area.left, dx), halvings);
    const int height = halved(divided_up(area.bottom, dy), halvings) - halved(divided_up(area.top, dy), halvings);
    if (static_cast<int>(samples.w) != width || static_cast<int>(samples.h) != height) return contradiction;
    if (samples.alpha == 1) {
      if (!alpha_.exists()) alpha_.samples = &samples;
    } else if (samples.alpha == 0 && colour_count < 3) {
      colours_[colour_count++].samples = &samples;
    }
  }
  if (colour_count == 0 || (model_ == ColourModel::kYcbcr && colour_count < 3)) return contradiction;
  if (colour_count < 3 || model_ == ColourModel::kGrey) colours_[1] = colours_[2] = colours_[0];
  return ok_status();
}

void Jpeg2000Decoder::read_row(int y, uint8_t* rgb) {
  const int width = window_.width();
  for (int i = 0; i < 3; ++i) colours_[i].read_row(window_.top + y, window_.left, width, line(i));
  if (model_ == ColourModel::kYcbcr) {
    yuv_row_to_rgb({.full_range = true}, line(0), line(1), line(2), width, rgb);
  } else {
    for (int x = 0; x < width; ++x) {
      for (int i = 0; i < 3; ++i) rgb[x * 3 + i] = line(i)[x];
    }
  }
  if (!alpha_.exists()) return;
  alpha_.read_row(window_.top + y, window_.left, width, line(3));
  uint8_t* rgba = line(4);
  for (int x = 0; x < width; ++x) {
    for (int i = 0; i < 3; ++i) rgba[x * 4 + i] = rgb[x * 3 + i];
    rgba[x * 4 + 3] = line(3)[x];
  }
  composite_over_background(rgba, width, kAlphaBackground, rgb);
}

Result<Strip> Jpeg2000Decoder::next_strip() {
  const int rows = std::min(kStripRows, window_.height() - next_row_);
  if (rows == 0) return Strip{next_row_, {}};
  auto* rgb = reinterpret_cast<uint8_t*>(strip_.data());
  const ptrdiff_t stride = ptrdiff_t{window_.width()} * 3;
  for (int y = 0; y < rows; ++y) read_row(next_row_ + y, rgb + y * stride);
  const Strip strip{next_row_, {rgb, {rows, window_.width()}, 3, stride}};
  next_row_ += rows;
  return strip;
}

}  // namespace

std::unique_ptr<Decoder> make_jpeg2000_decoder() { return std::make_unique<Jpeg2000Decoder>(); }

}  // namespace smol
