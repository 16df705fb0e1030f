// TIFF 6.0 (Adobe, 1992): section numbers below.
#include "smol/media/tiff_layout.h"

#include <algorithm>

namespace smol {
namespace {

constexpr uint32_t kMaxSide = 1'000'000;  // libtiff's fax decoder takes 16 bytes a column
constexpr int64_t kMaxBitsPerPixel = 64;  // so that a decoded strip has at most 8 bytes a pixel

ItemError unsupported(const char* what) { return {ItemErrorCode::kUnsupportedFormat, what}; }
ItemError corrupt(const char* what) { return {ItemErrorCode::kCorrupt, what}; }

template <typename T>
T field(TIFF* tiff, uint32_t tag) {
  T value{};
  TIFFGetFieldDefaulted(tiff, tag, &value);
  return value;
}

struct Tags {
  explicit Tags(TIFF* tiff)
      : width(field<uint32_t>(tiff, TIFFTAG_IMAGEWIDTH)),
        height(field<uint32_t>(tiff, TIFFTAG_IMAGELENGTH)),
        bits(field<uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE)),
        samples(field<uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL)),
        photometric(field<uint16_t>(tiff, TIFFTAG_PHOTOMETRIC)),
        compression(field<uint16_t>(tiff, TIFFTAG_COMPRESSION)),
        sample_format(field<uint16_t>(tiff, TIFFTAG_SAMPLEFORMAT)),
        // With one sample a pixel both ways to order samples are the same.
        separate(samples > 1 && field<uint16_t>(tiff, TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE),
        cmyk(photometric == PHOTOMETRIC_SEPARATED && field<uint16_t>(tiff, TIFFTAG_INKSET) == INKSET_CMYK) {
    uint16_t count = 0;
    const uint16_t* kinds = nullptr;
    if (TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds) != 0 && count > 0) {
      extra_samples = count;
      first_extra = kinds[0];
    }
  }

  bool is_grey() const { return photometric == PHOTOMETRIC_MINISBLACK || photometric == PHOTOMETRIC_MINISWHITE; }
  // Of an extra sample that no tag explains nothing is known, so it is not shown.
  TiffPixel::Alpha alpha() const {
    if (extra_samples == 0 || extra_samples >= samples) return TiffPixel::Alpha::kNone;
    return first_extra == EXTRASAMPLE_ASSOCALPHA   ? TiffPixel::Alpha::kPremultiplied
           : first_extra == EXTRASAMPLE_UNASSALPHA ? TiffPixel::Alpha::kIndependent
                                                   : TiffPixel::Alpha::kNone;
  }

  uint32_t width, height;
  uint16_t bits, samples, photometric, compression, sample_format;
  bool separate, cmyk;
  uint16_t extra_samples = 0;
  uint16_t first_extra = EXTRASAMPLE_UNSPECIFIED;
};

// Not among them: JPEG as in TIFF 6.0 section 22, which every writer understood differently; formats for
// measurements.
bool is_known_compression(uint16_t compression) {
  static constexpr uint16_t kKnown[] = {
      COMPRESSION_NONE, COMPRESSION_CCITTRLE, COMPRESSION_CCITTRLEW, COMPRESSION_CCITTFAX3, COMPRESSION_CCITTFAX4,
      COMPRESSION_LZW,  COMPRESSION_JPEG,     COMPRESSION_PACKBITS,  COMPRESSION_DEFLATE,   COMPRESSION_ADOBE_DEFLATE,
      COMPRESSION_LZMA, COMPRESSION_ZSTD,     COMPRESSION_WEBP};
  return std::find(std::begin(kKnown), std::end(kKnown), compression) != std::end(kKnown);
}

Status check(TIFF* tiff, const Tags& tags) {
  if (tags.width == 0 || tags.height == 0) return corrupt("a picture without pixels");
  if (tags.width > kMaxSide || tags.height > kMaxSide) {
    return ItemError{ItemErrorCode::kTooManyPixels, "a side of more than 1000000 pixels"};
  }
  if (tags.samples == 0) return corrupt("a picture without samples");
  if (!is_known_compression(tags.compression) || TIFFIsCODECConfigured(tags.compression) == 0) {
    return unsupported("this compression of TIFF is not decoded");
  }
  if (tags.sample_format != SAMPLEFORMAT_UINT && tags.sample_format != SAMPLEFORMAT_VOID) {
    return unsupported("samples that are not unsigned integers");
  }
  if (int64_t{tags.bits} * tags.samples > kMaxBitsPerPixel) return unsupported("more than 64 bits a pixel");
  // libtiff leaves it as it is.
  if (tags.separate && tags.photometric == PHOTOMETRIC_MINISWHITE) return unsupported("planes where 0 is white");
  char message[1024];
  if (TIFFRGBAImageOK(tiff, message) == 0) return unsupported("this kind of TIFF is not decoded");
  return ok_status();
}

ImageInfo info_of(TIFF* tiff, const Tags& tags) {
  ImageInfo info;
  info.format = ImageFormat::kTiff;
  info.stored = {static_cast<int>(tags.height), static_cast<int>(tags.width)};
  info.bits_per_sample = tags.bits;
  info.has_alpha = tags.alpha() != TiffPixel::Alpha::kNone;
  const auto orientation = field<uint16_t>(tiff, TIFFTAG_ORIENTATION);
  if (orientation >= 1 && orientation <= 8) info.orientation = static_cast<Orientation>(orientation);
  info.colour = tags.is_grey()                              ? ColourModel::kGrey
                : tags.photometric == PHOTOMETRIC_PALETTE   ? ColourModel::kPalette
                : tags.photometric == PHOTOMETRIC_YCBCR     ? ColourModel::kYcbcr
                : tags.photometric == PHOTOMETRIC_SEPARATED ? ColourModel::kCmyk
                                                            : ColourModel::kRgb;
  if (info.colour == ColourModel::kYcbcr) {
    uint16_t horizontal = 0, vertical = 0;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_YCBCRSUBSAMPLING, &horizontal, &vertical);
    const int factors = horizontal * 10 + vertical;
    info.subsampling = factors == 11   ? ChromaSubsampling::k444
                       : factors == 12 ? ChromaSubsampling::k440
                       : factors == 21 ? ChromaSubsampling::k422
                       : factors == 22 ? ChromaSubsampling::k420
                       : factors == 41 ? ChromaSubsampling::k411
                       : factors == 42 ? ChromaSubsampling::k410
                                       : ChromaSubsampling::kOther;
  }
  return info;
}

// Whether the samples are read as they are, and how they lie then.
bool has_plain_samples(const Tags& tags, bool is_rgb, TiffPixel& pixel) {
  if (tags.separate || (tags.bits != 8 && tags.bits != 16)) return false;
  const int colours = tags.is_grey() ? 1 : is_rgb ? 3 : tags.cmyk ? 4 : 0;
  if (colours == 0 || tags.samples < colours) return false;
  pixel.colour = colours == 1   ? TiffPixel::Colour::kGrey
                 : colours == 3 ? TiffPixel::Colour::kRgb
                                : TiffPixel::Colour::kCmyk;
  pixel.alpha = tags.samples > colours ? tags.alpha() : TiffPixel::Alpha::kNone;
  pixel.inverted = tags.photometric == PHOTOMETRIC_MINISWHITE;
  pixel.samples = tags.samples;
  pixel.sample_bytes = tags.bits / 8;
  return true;
}

// TIFFRGBAImage multiplies colour by independent alpha, but not where grey comes with alpha in one plane.
TiffPixel rgba_pixel(const Tags& tags) {
  TiffPixel pixel;
  pixel.samples = 4;
  pixel.alpha = tags.alpha();
  const bool multiplied = !tags.is_grey() || tags.separate;
  if (pixel.alpha == TiffPixel::Alpha::kIndependent && multiplied) pixel.alpha = TiffPixel::Alpha::kPremultiplied;
  return pixel;
}

Status read_blocks(TIFF* tiff, TiffLayout& layout) {
  uint32_t height = 0, width = static_cast<uint32_t>(layout.size.width);
  layout.tiled = TIFFIsTiled(tiff) != 0;
  if (layout.tiled) {
    width = field<uint32_t>(tiff, TIFFTAG_TILEWIDTH);
    height = field<uint32_t>(tiff, TIFFTAG_TILELENGTH);
    if (width > kMaxSide || height > kMaxSide) return corrupt("tiles with a side of more than 1000000 pixels");
  } else {
    height = std::min(field<uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP), static_cast<uint32_t>(layout.size.height));
  }
  if (width == 0 || height == 0) return corrupt("strips or tiles without pixels");
  layout.block = {static_cast<int>(height), static_cast<int>(width)};
  layout.block_bytes = static_cast<int64_t>(layout.tiled ? TIFFTileSize64(tiff) : TIFFVStripSize64(tiff, height));
  if (layout.by_rgba_image) return ok_status();
  if (layout.block_bytes != layout.block.pixels() * layout.pixel.bytes()) {
    return corrupt("strips or tiles of another size than their pixels need");
  }
  return ok_status();
}

}  // namespace

Result<TiffLayout> read_tiff_layout(TiffFile& file) {
  TIFF* tiff = file.handle();
  const Tags tags(tiff);
  if (const Status status = check(tiff, tags); !status.ok()) return status.error();
  TiffLayout layout;
  layout.info = info_of(tiff, tags);
  layout.size = layout.info.stored;
  layout.uncompressed = tags.compression == COMPRESSION_NONE;
  bool is_rgb = tags.photometric == PHOTOMETRIC_RGB;
  if (tags.photometric == PHOTOMETRIC_YCBCR && tags.compression == COMPRESSION_JPEG && !tags.separate) {
    is_rgb = TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB) != 0;
  }
  layout.by_rgba_image = !has_plain_samples(tags, is_rgb, layout.pixel);
  if (layout.by_rgba_image) layout.pixel = rgba_pixel(tags);
  if (const Status status = read_blocks(tiff, layout); !status.ok()) return status.error();
  return layout;
}

Status check_tiff_blocks_in_file(const TiffFile& file) {
  TIFF* tiff = file.handle();
  const uint32_t blocks = TIFFIsTiled(tiff) != 0 ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
  for (uint32_t block = 0; block < blocks; ++block) {
    const uint64_t offset = TIFFGetStrileOffset(tiff, block);
    if (offset > file.file_bytes() || TIFFGetStrileByteCount(tiff, block) > file.file_bytes() - offset) {
      return ItemError{ItemErrorCode::kTruncated, "the file ends before the picture does"};
    }
  }
  return ok_status();
}

}  // namespace smol
