#pragma once

namespace smol {

// Rows of the strips that decoders hand out, the last one aside. Enough to make the calls cheap, few enough to stay
// in the cache for whoever reads them next. One number for all, so that one way of decoding can go on where another
// stopped.
inline constexpr int kStripRows = 16;

}  // namespace smol
