// Which files of a folder are taken for images or videos.
#pragma once

#include <string_view>

namespace smol {

// jpg, jpeg, jpe, jfif, png, webp, heic, heif, hif, avif, jp2, j2k, j2c, jpx, jxl, tif, tiff, gif, bmp, dib, ppm,
// pgm, pbm, pnm; in either case.
bool has_image_extension(std::string_view path);
// mp4, m4v, mov, mkv, webm, avi, mpg, mpeg, ts, mts, m2ts, 3gp, flv, wmv, ogv; in either case.
bool has_video_extension(std::string_view path);
bool has_media_extension(std::string_view path);  // one or the other
bool has_extension(std::string_view path);  // a dot that is neither the first nor the last character of the name

// By the first bytes of an open regular file. Unreadable: false.
bool starts_like_image(int descriptor);

}  // namespace smol
