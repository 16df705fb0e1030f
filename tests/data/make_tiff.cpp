#include "make_tiff.h"

#include <tiffio.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <stdexcept>

#include "make_picture.h"

namespace smol::test {
namespace {

// libtiff's view of a growing file.
struct Target {
  std::vector<std::byte> bytes;
  size_t position = 0;

  static tmsize_t read(thandle_t self, void* to, tmsize_t count) {
    auto& target = *static_cast<Target*>(self);
    const size_t there = target.bytes.size() - std::min(target.position, target.bytes.size());
    const size_t read = std::min(there, static_cast<size_t>(count));
    std::copy_n(target.bytes.data() + target.position, read, static_cast<std::byte*>(to));
    target.position += read;
    return static_cast<tmsize_t>(read);
  }
  static tmsize_t write(thandle_t self, void* from, tmsize_t count) {
    auto& target = *static_cast<Target*>(self);
    const size_t end = target.position + static_cast<size_t>(count);
    if (target.bytes.size() < end) target.bytes.resize(end);
    std::copy_n(static_cast<const std::byte*>(from), count, target.bytes.data() + target.position);
    target.position = end;
    return count;
  }
  static toff_t seek(thandle_t self, toff_t offset, int whence) {
    auto& target = *static_cast<Target*>(self);
    target.position = offset + (whence == SEEK_SET ? 0 : whence == SEEK_CUR ? target.position : target.bytes.size());
    return target.position;
  }
  static int close(thandle_t) { return 0; }
  static toff_t size(thandle_t self) { return static_cast<Target*>(self)->bytes.size(); }
};

// Any bytes are samples; those of a photograph also compress as one.
std::vector<uint8_t> samples_of(size_t bytes, unsigned seed) {
  const Image picture = make_picture({static_cast<int>(bytes / 300) + 1, 100}, 3, seed);
  return {picture.view().data, picture.view().data + bytes};
}

void set_tags(TIFF* tiff, const TiffRecipe& recipe, Size size) {
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, size.width);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, size.height);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, recipe.bits);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, recipe.samples);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, recipe.planes ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, recipe.compression);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, recipe.photometric);
  if (recipe.predictor != 1) TIFFSetField(tiff, TIFFTAG_PREDICTOR, recipe.predictor);
  if (recipe.alpha) {
    const uint16_t kind = EXTRASAMPLE_UNASSALPHA;
    TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &kind);
  }
  if (recipe.subsampling != 0) {
    TIFFSetField(tiff, TIFFTAG_YCBCRSUBSAMPLING, recipe.subsampling, recipe.subsampling);
  }
  if (recipe.compression == COMPRESSION_JPEG && recipe.photometric == PHOTOMETRIC_YCBCR) {
    TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  }
  if (recipe.photometric == PHOTOMETRIC_PALETTE) {
    std::mt19937 random(9);
    std::vector<uint16_t> colours(size_t{3} << recipe.bits);
    for (uint16_t& colour : colours) colour = static_cast<uint16_t>(random());
    const size_t entries = size_t{1} << recipe.bits;
    TIFFSetField(tiff, TIFFTAG_COLORMAP, colours.data(), colours.data() + entries, colours.data() + entries * 2);
  }
  if (recipe.tile != 0) {
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, recipe.tile);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, recipe.tile);
  } else {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, recipe.rows == 0 ? size.height : std::min(recipe.rows, size.height));
  }
}

bool write_blocks(TIFF* tiff, const TiffRecipe& recipe, Size size) {
  const uint32_t blocks = recipe.tile != 0 ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
  const auto rows = static_cast<uint32_t>(recipe.rows == 0 ? size.height : std::min(recipe.rows, size.height));
  const uint32_t strips_a_plane = (static_cast<uint32_t>(size.height) + rows - 1) / rows;
  for (uint32_t block = 0; block < blocks; ++block) {
    const uint32_t first = block % strips_a_plane * rows;
    const tmsize_t bytes = recipe.tile != 0
                               ? TIFFTileSize(tiff)
                               : TIFFVStripSize(tiff, std::min(rows, static_cast<uint32_t>(size.height) - first));
    std::vector<uint8_t> samples = samples_of(static_cast<size_t>(bytes), block + 1);
    const tmsize_t written = recipe.tile != 0 ? TIFFWriteEncodedTile(tiff, block, samples.data(), bytes)
                                              : TIFFWriteEncodedStrip(tiff, block, samples.data(), bytes);
    if (written != bytes) return false;
  }
  return TIFFWriteDirectory(tiff) != 0;
}

}  // namespace

std::vector<std::byte> make_tiff(const TiffRecipe& recipe) {
  Target target;
  const std::string mode = std::string("w") + (recipe.big_endian ? "b" : "l") + (recipe.big_tiff ? "8" : "4");
  TIFF* tiff = TIFFClientOpen("made", mode.c_str(), &target, Target::read, Target::write, Target::seek, Target::close,
                              Target::size, nullptr, nullptr);
  if (tiff == nullptr) throw std::runtime_error("libtiff does not write");
  bool ok = true;
  for (int level = 0; level <= recipe.levels && ok; ++level) {
    const Size size{std::max(1, recipe.size.height >> level), std::max(1, recipe.size.width >> level)};
    set_tags(tiff, recipe, size);
    if (level > 0) TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, FILETYPE_REDUCEDIMAGE);
    ok = write_blocks(tiff, recipe, size);
  }
  TIFFClose(tiff);
  if (!ok) throw std::runtime_error("libtiff does not encode " + describe(recipe));
  return target.bytes;
}

std::vector<TiffRecipe> tiff_recipes(Size size) {
  std::vector<TiffRecipe> recipes{
      {.compression = COMPRESSION_NONE, .big_tiff = true},
      {.compression = COMPRESSION_NONE, .samples = 4, .alpha = true, .rows = 0},
      {.compression = COMPRESSION_NONE, .planes = true, .tile = 32},
      {.compression = COMPRESSION_LZW, .predictor = 2},
      {.compression = COMPRESSION_LZW, .photometric = PHOTOMETRIC_SEPARATED, .samples = 4, .tile = 32},
      {.compression = COMPRESSION_ADOBE_DEFLATE, .bits = 16, .predictor = 2, .tile = 16, .big_endian = true},
      {.compression = COMPRESSION_ADOBE_DEFLATE, .samples = 4, .bits = 16, .alpha = true, .planes = true, .rows = 0},
      {.compression = COMPRESSION_PACKBITS, .photometric = PHOTOMETRIC_MINISBLACK, .samples = 2, .alpha = true},
      {.compression = COMPRESSION_PACKBITS, .photometric = PHOTOMETRIC_PALETTE, .samples = 1, .bits = 4, .tile = 32},
      {.compression = COMPRESSION_ZSTD, .photometric = PHOTOMETRIC_PALETTE, .samples = 1, .big_endian = true},
      {.compression = COMPRESSION_LZMA, .photometric = PHOTOMETRIC_MINISWHITE, .samples = 1, .bits = 16},
      {.compression = COMPRESSION_WEBP, .tile = 64},
      {.compression = COMPRESSION_JPEG, .photometric = PHOTOMETRIC_YCBCR, .subsampling = 2},
      {.compression = COMPRESSION_JPEG, .photometric = PHOTOMETRIC_YCBCR, .tile = 32, .subsampling = 2},
      {.compression = COMPRESSION_JPEG, .photometric = PHOTOMETRIC_MINISBLACK, .samples = 1, .tile = 16},
      {.compression = COMPRESSION_JPEG, .photometric = PHOTOMETRIC_RGB, .rows = 0},
      {.compression = COMPRESSION_JPEG, .photometric = PHOTOMETRIC_YCBCR, .planes = true, .subsampling = 1},
      {.compression = COMPRESSION_CCITTRLE, .photometric = PHOTOMETRIC_MINISWHITE, .samples = 1, .bits = 1},
      {.compression = COMPRESSION_CCITTFAX3, .photometric = PHOTOMETRIC_MINISWHITE, .samples = 1, .bits = 1},
      {.compression = COMPRESSION_CCITTFAX4,
       .photometric = PHOTOMETRIC_MINISBLACK,
       .samples = 1,
       .bits = 1,
       .rows = 0},
      {.compression = COMPRESSION_CCITTFAX4,
       .photometric = PHOTOMETRIC_MINISWHITE,
       .samples = 1,
       .bits = 1,
       .tile = 32},
      {.compression = COMPRESSION_NONE, .photometric = PHOTOMETRIC_YCBCR, .subsampling = 2},
      {.compression = COMPRESSION_LZW, .photometric = PHOTOMETRIC_YCBCR, .tile = 32, .subsampling = 1},
      {.compression = COMPRESSION_ADOBE_DEFLATE, .tile = 16, .levels = 2}};
  for (TiffRecipe& recipe : recipes) recipe.size = size;
  return recipes;
}

std::string describe(const TiffRecipe& recipe) {
  return "compression " + std::to_string(recipe.compression) + " photometric " + std::to_string(recipe.photometric) +
         " samples " + std::to_string(recipe.samples) + " bits " + std::to_string(recipe.bits) +
         (recipe.alpha ? " alpha" : "") + (recipe.planes ? " planes" : "") + " predictor " +
         std::to_string(recipe.predictor) + " rows " + std::to_string(recipe.rows) + " tile " +
         std::to_string(recipe.tile) + " subsampling " + std::to_string(recipe.subsampling) +
         (recipe.big_endian ? " big endian" : "") + (recipe.big_tiff ? " BigTIFF" : "") + " levels " +
         std::to_string(recipe.levels) + " " + std::to_string(recipe.size.width) + "x" +
         std::to_string(recipe.size.height);
}

}  // namespace smol::test
