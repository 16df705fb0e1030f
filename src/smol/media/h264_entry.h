// Whether decoding H.264 can start at a packet and be right from its first frame on.
#pragma once

#include <cstdint>
#include <span>

namespace smol {

// Containers mark more than that as key frames: with intra refresh, pictures are only whole some frames later. True
// for an IDR picture, and for a recovery point whose recovery_frame_cnt is 0 (H.264 §D.2.8). `extradata` is the
// stream's: it says whether NAL units have lengths (avcC) or start codes before them. Any bytes may be given.
bool is_h264_entry(std::span<const uint8_t> packet, std::span<const uint8_t> extradata);

}  // namespace smol
