// FFmpeg's HEVC decoder for libheif: the same pixels as libde265's in less than half the time, and a switch for the
// filters that smooth block edges, which libheif does not have.
#pragma once

namespace smol {

// Makes libheif use it for HEVC from now on, in the whole process. Thread-safe; does nothing the second time.
void use_ffmpeg_for_hevc();

// Whether pictures that this thread decodes from now on leave out deblocking and SAO.
void skip_hevc_filters(bool skip);

}  // namespace smol
