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

// Whether this thread decodes with the decoders that come with libheif (libde265, dav1d) from now on: what ours are
// compared with in tests and benches.
void step_aside_for_libheif(bool aside);

// For the plugins.
bool skips_heif_filters();
int heif_plugin_priority();  // 0: not to be used
extern const heif_decoder_plugin kHevcPlugin;
extern const heif_decoder_plugin kAv1Plugin;

}  // namespace smol
