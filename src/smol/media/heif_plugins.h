// Decoders of ours for libheif: single-threaded, and with a switch for the filters that smooth block edges, which
// libheif does not have. HEVC by FFmpeg: libde265's pixels in less than half the time. AV1 by dav1d, as libheif does
// it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "smol/base/geometry.h"
#include "smol/media/yuv_to_rgb.h"

struct heif_decoder_plugin;
struct heif_error;

namespace smol {

// Makes libheif use them from now on, in the whole process. Thread-safe; does nothing the second time.
void use_own_heif_decoders();

// Whether pictures that this thread decodes from now on leave out deblocking and what follows it (SAO; CDEF, loop
// restoration).
void skip_heif_filters(bool skip);

// A coded picture of this thread that has more pixels from now on is not decoded, whatever the container says of it.
void limit_heif_pixels(int64_t most);

// Whether this thread decodes with the decoders that come with libheif (libde265, dav1d) from now on: what ours are
// compared with in tests and benches.
void step_aside_for_libheif(bool aside);

// What a decoder gives, before libheif copies and converts it.
struct CodedPicture {
  Size size;
  YuvPlanes planes;  // 8 bit
  std::shared_ptr<void> owner;
};

// A plugin that decodes a picture of this size (`or_larger`: at least) on this thread from now on keeps it here and
// tells libheif that it failed, so that libheif does not go on with it; other pictures, and those that yuv_to_rgb.h
// does not convert, it hands over as ever. `file_colours`: what the container says, which counts before what the
// bitstream does.
void intercept_coded_picture(Size size, bool or_larger, std::optional<YuvLayout> file_colours);
// The picture, if there was one; ends the interception.
std::optional<CodedPicture> take_coded_picture();
// Matrix and range as numbers of ISO/IEC 23091-2; the chroma shifts are 0. Nothing: yuv_to_rgb.h has no such matrix.
std::optional<YuvLayout> colours_of(int matrix, bool full_range);

// For the plugins.
// Whether the picture was taken. planes.layout: chroma shifts, and the colours of the bitstream if it has some that
// count; nothing in `colours`: unknown, so as libheif takes it, BT.601 in full range.
bool offer_coded_picture(CodedPicture picture, std::optional<YuvLayout> colours);
extern const heif_error kIntercepted;
extern const heif_error kTooManyCodedPixels;
bool skips_heif_filters();
int64_t most_heif_pixels();
int heif_plugin_priority();  // 0: not to be used
extern const heif_decoder_plugin kHevcPlugin;
extern const heif_decoder_plugin kAv1Plugin;

}  // namespace smol
