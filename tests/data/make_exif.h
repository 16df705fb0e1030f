// EXIF blocks for tests: the TIFF structure with one or two directories.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace smol::test {

struct ExifEntry {
  uint16_t tag;
  uint16_t type;  // 1 byte, 2 text, 3 u16, 4 u32, 5 fraction, 6 i8, 8 i16, 9 i32
  uint32_t count;
  std::string value;  // 4 bytes, in the byte order of the block
};

// Numbers in the byte order of a block.
std::string number16(uint32_t value, bool big_endian);
std::string number32(uint32_t value, bool big_endian);

// The first directory stands behind the header, the second (none if empty) behind it, then `tail`.
std::string make_exif(bool big_endian, const std::vector<ExifEntry>& first, const std::vector<ExifEntry>& second = {},
                      const std::string& tail = {});

// A block that holds only the orientation.
std::string make_orientation_exif(uint32_t orientation, bool big_endian = false);

// A block with a thumbnail.
std::string make_thumbnail_exif(uint32_t orientation, const std::string& thumbnail, bool big_endian = false);

}  // namespace smol::test
