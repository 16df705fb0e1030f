// The headers of VP9 frames, as far as the loop filter is concerned.
#pragma once

#include <cstdint>
#include <span>

namespace smol {

// Sets the loop filter's level in the frames of a packet to 0 (VP9 bitstream specification §6.2, §7.2.8), which every
// decoder takes for "no filter": nothing else depends on it. So FFmpeg's decoder, which has no such option, leaves
// the filter out. `keep_references`: only in frames that no other one is predicted from. Any bytes may be given; what
// does not parse is left as it is.
void switch_off_vp9_filter(std::span<uint8_t> packet, bool keep_references);

}  // namespace smol
