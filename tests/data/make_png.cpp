#include "make_png.h"

#include <png.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <random>
#include <utility>

namespace smol::test {
namespace {

using Samples = std::vector<uint16_t>;

int channels_of(int colour_type) {
  switch (colour_type) {
    case PNG_COLOR_TYPE_GRAY_ALPHA: return 2;
    case PNG_COLOR_TYPE_RGB: return 3;
    case PNG_COLOR_TYPE_RGB_ALPHA: return 4;
    default: return 1;
  }
}

Samples make_samples(const PngRecipe& recipe) {
  std::minstd_rand random(recipe.seed);
  Samples samples(static_cast<size_t>(recipe.size.pixels() * channels_of(recipe.colour_type)));
  const auto limit = static_cast<unsigned>(1 << recipe.depth);
  for (uint16_t& sample : samples) {
    // Few values and their neighbours, so that colour keys are hit and nearly hit; the extremes are among them.
    const std::array<unsigned, 8> values = {0,         1,         limit / 2, limit / 2 - 1,
                                            limit - 1, limit - 2, limit / 3, static_cast<unsigned>(random())};
    sample = static_cast<uint16_t>(values[random() % values.size()] % limit);
  }
  return samples;
}

std::vector<std::vector<png_byte>> pack_rows(const PngRecipe& recipe, const Samples& samples) {
  const auto per_row = static_cast<size_t>(recipe.size.width * channels_of(recipe.colour_type));
  std::vector<std::vector<png_byte>> rows;
  for (size_t y = 0; y < static_cast<size_t>(recipe.size.height); ++y) {
    std::vector<png_byte> row((per_row * static_cast<size_t>(recipe.depth) + 7) / 8);
    for (size_t i = 0; i < per_row; ++i) {
      const unsigned sample = samples[y * per_row + i];
      if (recipe.depth == 16) {
        row[2 * i] = static_cast<png_byte>(sample >> 8);
        row[2 * i + 1] = static_cast<png_byte>(sample & 255);
      } else {
        const size_t bit = i * static_cast<size_t>(recipe.depth);
        const size_t shift = 8 - static_cast<size_t>(recipe.depth) - bit % 8;
        row[bit / 8] = static_cast<png_byte>(row[bit / 8] | (sample << shift));
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

struct Palette {
  std::array<png_color, 256> colours;
  std::array<png_byte, 256> alpha;  // of the first `transparent` colours
  int count = 0;
  int transparent = 0;
};

Palette make_palette(const PngRecipe& recipe) {
  Palette palette;
  palette.count = 1 << recipe.depth;
  palette.transparent = recipe.transparency ? palette.count / 2 : 0;
  for (size_t i = 0; i < 256; ++i) {
    palette.colours[i] = {static_cast<png_byte>(i * 7), static_cast<png_byte>(255 - i),
                          static_cast<png_byte>(i * 31)};
    palette.alpha[i] = static_cast<png_byte>(i * 83);
  }
  return palette;
}

// The colour key is the value that make_samples() draws most around: the middle one in every channel.
uint16_t colour_key(const PngRecipe& recipe) { return static_cast<uint16_t>((1 << recipe.depth) / 2); }

uint8_t to_8_bit(unsigned sample, int depth) {
  return static_cast<uint8_t>(std::lround(sample * 255.0 / ((1 << depth) - 1)));
}

Image expected_pixels(const PngRecipe& recipe, const Samples& samples, const Palette& palette) {
  Image picture(recipe.size, 3);
  const auto channels = static_cast<size_t>(channels_of(recipe.colour_type));
  const bool colour = channels >= 3;
  for (size_t pixel = 0; pixel < static_cast<size_t>(recipe.size.pixels()); ++pixel) {
    const uint16_t* sample = samples.data() + pixel * channels;
    std::array<uint8_t, 3> rgb{};
    double alpha = 255;
    if (recipe.colour_type == PNG_COLOR_TYPE_PALETTE) {
      const png_color& entry = palette.colours[sample[0]];
      rgb = {entry.red, entry.green, entry.blue};
      if (sample[0] < palette.transparent) alpha = palette.alpha[sample[0]];
    } else {
      for (size_t c = 0; c < 3; ++c) rgb[c] = to_8_bit(sample[colour ? c : 0], recipe.depth);
      if (channels % 2 == 0) alpha = to_8_bit(sample[channels - 1], recipe.depth);
      const uint16_t key = colour_key(recipe);
      const bool hit = colour ? sample[0] == key && sample[1] == key && sample[2] == key : sample[0] == key;
      if (recipe.transparency && hit) alpha = 0;
    }
    uint8_t* out = picture.view().data + pixel * 3;
    for (size_t c = 0; c < 3; ++c) {
      out[c] = static_cast<uint8_t>(std::lround((rgb[c] * alpha + 255.0 * (255 - alpha)) / 255.0));
    }
  }
  return picture;
}

void append(png_structp png, png_bytep bytes, size_t size) {
  static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<const char*>(bytes), size);
}

std::string encode(const PngRecipe& recipe, const Samples& samples, Palette& palette) {
  std::string file;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(png, &file, append, nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(recipe.size.width), static_cast<png_uint_32>(recipe.size.height),
               recipe.depth, recipe.colour_type, recipe.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (recipe.colour_type == PNG_COLOR_TYPE_PALETTE) {
    png_set_PLTE(png, info, palette.colours.data(), palette.count);
    if (recipe.transparency) png_set_tRNS(png, info, palette.alpha.data(), palette.transparent, nullptr);
  } else if (recipe.transparency) {
    const uint16_t key = colour_key(recipe);
    const png_color_16 colour{0, key, key, key, key};
    png_set_tRNS(png, info, nullptr, 0, &colour);
  }
  png_write_info(png, info);
  std::vector<std::vector<png_byte>> rows = pack_rows(recipe, samples);
  std::vector<png_bytep> pointers;
  for (auto& row : rows) pointers.push_back(row.data());
  png_write_image(png, pointers.data());
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return file;
}

std::string big_endian(unsigned long value) {
  std::string text(4, '\0');
  for (size_t i = 0; i < 4; ++i) text[i] = static_cast<char>(value >> (24 - 8 * i));
  return text;
}

}  // namespace

std::string encode_chunk(const PngChunk& chunk) {
  const std::string checked = chunk.type + chunk.body;
  unsigned long checksum =
      crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size()));
  if (chunk.bad_checksum) checksum ^= 1;
  return big_endian(chunk.body.size()) + checked + big_endian(checksum);
}

std::string deflated_zeros(size_t bytes) {
  z_stream stream{};
  if (deflateInit(&stream, 9) != Z_OK) std::abort();
  std::string zeros(1 << 16, '\0');
  std::string out;
  std::string piece(1 << 16, '\0');
  for (int code = Z_OK; code != Z_STREAM_END;) {
    if (stream.avail_in == 0) {
      stream.next_in = reinterpret_cast<Bytef*>(zeros.data());
      stream.avail_in = static_cast<uInt>(std::min(bytes, zeros.size()));
      bytes -= stream.avail_in;
    }
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    code = deflate(&stream, bytes == 0 ? Z_FINISH : Z_NO_FLUSH);
    out.append(piece, 0, piece.size() - stream.avail_out);
  }
  deflateEnd(&stream);
  return out;
}

MadePng make_png(const PngRecipe& recipe) {
  constexpr size_t kHeaderEnd = 33;
  constexpr size_t kEndChunkBytes = 12;
  const Samples samples = make_samples(recipe);
  Palette palette = make_palette(recipe);
  std::string file = encode(recipe, samples, palette);
  std::string behind;
  for (const PngChunk& chunk : recipe.behind) behind += encode_chunk(chunk);
  file.insert(file.size() - kEndChunkBytes, behind);
  std::string in_front;
  for (const PngChunk& chunk : recipe.in_front) in_front += encode_chunk(chunk);
  file.insert(kHeaderEnd, in_front);
  const auto* first = reinterpret_cast<const std::byte*>(file.data());
  return {{first, first + file.size()}, expected_pixels(recipe, samples, palette)};
}

}  // namespace smol::test
