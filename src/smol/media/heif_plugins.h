// Decoders of ours for libheif: single-threaded, and with a switch for the filters that smooth block edges, which
// libheif does not have. HEVC by FFmpeg: libde265's pixels in less than half the time. AV1 by dav1d, as libheif does
// it.
#pragma once

struct heif_decoder_plugin;

namespace smol {

// Makes libheif use them from now on, in the whole process. Thread-safe; does nothing the second time.
void use_own_heif_decoders();

// Whether pictures that this thread decodes from now on leave out deblocking and what follows it (SAO; CDEF, loop
// restoration).
void skip_heif_filters(bool skip);

// For the plugins.
bool skips_heif_filters();
inline constexpr int kHeifPluginPriority = 1000;  // those that come with libheif have about 100
extern const heif_decoder_plugin kHevcPlugin;
extern const heif_decoder_plugin kAv1Plugin;

}  // namespace smol
