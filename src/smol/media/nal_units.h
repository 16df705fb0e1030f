// What the NAL units of a packet say about the frame in it: H.264 and HEVC. Any bytes may be given.
#pragma once

#include <cstdint>
#include <span>

namespace smol {

// `extradata` is the stream's: it says whether units have lengths (avcC, hvcC) or start codes before them.

// Whether decoding H.264 can start at a packet and be right from its first frame on. Containers mark more than that
// as key frames: with intra refresh, pictures are only whole some frames later. True for an IDR picture, and for a
// recovery point whose recovery_frame_cnt is 0 (H.264 §D.2.8).
bool is_h264_entry(std::span<const uint8_t> packet, std::span<const uint8_t> extradata);

// Whether other frames may need this one: nal_ref_idc (H.264 §7.4.1), sub-layer non-reference pictures (HEVC
// §7.4.2.2).
bool is_h264_reference(std::span<const uint8_t> packet, std::span<const uint8_t> extradata);
bool is_hevc_reference(std::span<const uint8_t> packet, std::span<const uint8_t> extradata);

}  // namespace smol
