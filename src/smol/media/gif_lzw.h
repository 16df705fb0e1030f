// The LZW codes of GIF (GIF89a specification, appendix F).
#pragma once

#include <cstdint>
#include <span>

#include "smol/base/result.h"
#include "smol/media/bytes.h"

namespace smol {

// Decodes the data of a frame, from its byte of minimum code size on, to `indices`, which they must fill exactly up
// to the end code or the end of the data. kTruncated if the file ends before, kCorrupt for anything else that is
// wrong.
Status decode_gif_lzw(Bytes data, std::span<uint8_t> indices);

}  // namespace smol
