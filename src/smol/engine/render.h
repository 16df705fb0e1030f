// Stores further renditions of a folder's pictures and videos (`smol data render`; docs/datasets.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "smol/engine/dataset.h"
#include "smol/engine/input_list.h"
#include "smol/media/decoder.h"
#include "smol/preproc/graph.h"

namespace smol {

enum class StoredFormat : uint8_t { kPng, kJpeg, kMp4 };  // kMp4: of videos (video_encoder.h), the others of pictures

struct RenderTarget {
  std::string name;    // of the rendition, and of its folder
  int short_side = 0;  // pixels, never enlarged; 0: as large as the picture
  StoredFormat format = StoredFormat::kPng;
  int quality = 95;  // of a JPEG
  int crf = 23;      // of an MP4: x264's constant rate factor
  ResizeFilter filter = ResizeFilter::kBilinear;
};

// "thumb161:short=161,format=png", "q75:short=161,format=jpeg,q=75,filter=bicubic". Throws Error(kUsage).
RenderTarget parse_render_target(std::string_view text);
std::string to_string(const RenderTarget& target);  // as parse_render_target() reads it
Rendition rendition_of(const RenderTarget& target);

struct RenderRequest {
  InputOptions inputs;     // a folder, or a dataset's file
  DatasetRequest dataset;  // which renditions to render from; those that are rendered are left out
  std::vector<RenderTarget> targets;
  std::filesystem::path out;
  DecodeLimits limits;
  int threads = 0;  // 0: as many as cores may be used
};

struct RenderReport {
  uint64_t items = 0;
  uint64_t failed = 0;   // of the items
  uint64_t written = 0;  // files
  uint64_t kept = 0;     // files that were there, made of their source as it is
};

// Writes OUT/NAME/ID.png, .jpg or .mp4 for every item and target, and names the renditions in OUT/dataset.toml first;
// if the source lies in OUT, its own as well. If OUT lies in the source, what was rendered into it is left out.
// Pictures are decoded in full, turned as EXIF says, resized as Pillow does it. Each file appears whole (temporary
// name, rename; not synced one by one), with its source's modification time. The same call again does what is missing
// or has another time. `failure` is told of every item that fails, one call at a time; one whose file cannot be
// written at its place is such an item. Throws Error: kUsage for the request, also if OUT/NAME was rendered in
// another way or from elsewhere; kFailed if no file can be written (the disk is full, OUT may not be written to).
// Memory: the ids, and a decoded picture a thread. Videos become the MP4s that are asked for, pictures the others;
// each is decoded once.
RenderReport render(const RenderRequest& request,
                    const std::function<void(const std::string& path, const ItemError& error)>& failure);

}  // namespace smol
