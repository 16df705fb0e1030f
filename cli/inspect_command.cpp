#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "commands.h"
#include "mode_comparison.h"
#include "smol/base/error.h"
#include "smol/engine/chunk_encoder.h"
#include "smol/engine/input_list.h"
#include "smol/engine/rendition_proposal.h"
#include "smol/engine/temporary_snapshot.h"
#include "smol/media/decoder.h"
#include "smol/media/file_reader.h"
#include "video_summary.h"

namespace smol::cli {
namespace {

// A file, as far as its header tells: an info or an error.
struct Inspected {
  std::string path;
  size_t bytes = 0;
  Result<ImageInfo> info;
  std::vector<DecodeMode> modes;         // of a single picture
  std::vector<MeasuredMode> comparison;  // if asked for
};

Inspected inspect(const Item& item, FileReader& reader, DecoderSet& decoders, const DecodeLimits& limits) {
  const Result<std::span<const std::byte>> bytes = reader.read(item.path, limits.max_file_bytes);
  if (!bytes) return {item.path, 0, bytes.error(), {}, {}};
  const Result<Decoder*> decoder = decoders.decoder_for(*bytes);
  if (!decoder) return {item.path, bytes->size(), decoder.error(), {}, {}};
  Inspected inspected{item.path, bytes->size(), (*decoder)->inspect(*bytes), {}, {}};
  if (inspected.info && inspected.info->stored.pixels() > limits.max_pixels) {
    inspected.info = ItemError{ItemErrorCode::kTooManyPixels,
                               "more pixels than --max-pixels: " + std::to_string(inspected.info->stored.pixels())};
  }
  return inspected;
}

// A picture on its own: also the ways to decode it and, if asked for, what they cost.
Inspected inspect_closely(const Item& item, FileReader& reader, DecoderSet& decoders,
                          const InspectArguments& arguments) {
  Inspected inspected = inspect(item, reader, decoders, arguments.limits);
  if (!inspected.info) return inspected;
  const auto bytes = reader.read(item.path, arguments.limits.max_file_bytes);
  if (!bytes) return {item.path, 0, bytes.error(), {}, {}};
  const Result<Decoder*> decoder = decoders.decoder_for(*bytes);
  if (!decoder) return {item.path, bytes->size(), decoder.error(), {}, {}};
  const auto modes = (*decoder)->modes(*bytes);
  if (!modes) return {item.path, bytes->size(), modes.error(), {}, {}};
  inspected.modes = *modes;
  if (!arguments.compare) return inspected;
  const auto comparison = compare_modes(**decoder, *bytes, *modes, arguments.limits);
  if (!comparison) return {item.path, bytes->size(), comparison.error(), {}, {}};
  inspected.comparison = *comparison;
  return inspected;
}

nlohmann::ordered_json to_json(const Inspected& file) {
  nlohmann::ordered_json json;
  json["path"] = utf8_or_escaped(file.path);
  json["bytes"] = file.bytes;
  if (!file.info) {
    json["error_code"] = item_error_name(file.info.error().code);
    json["error"] = file.info.error().message;
    return json;
  }
  const ImageInfo& info = *file.info;
  json["format"] = name(info.format);
  json["width"] = info.stored.width;
  json["height"] = info.stored.height;
  json["displayed_width"] = info.displayed().width;
  json["displayed_height"] = info.displayed().height;
  json["orientation"] = static_cast<int>(info.orientation);
  json["colour"] = name(info.colour);
  json["subsampling"] = name(info.subsampling);
  json["bits_per_sample"] = info.bits_per_sample;
  json["alpha"] = info.has_alpha;
  json["progressive"] = info.progressive;
  json["interlaced"] = info.interlaced;
  json["restart_interval"] = info.restart_interval;
  if (info.thumbnail.width > 0)
    json["thumbnail"] = {{"width", info.thumbnail.width}, {"height", info.thumbnail.height}};
  json["decode_modes"] = nlohmann::ordered_json::array();
  for (const DecodeMode& mode : file.modes) {
    json["decode_modes"].push_back({{"name", to_string(mode.spec)},
                                    {"width", mode.size.width},
                                    {"height", mode.size.height},
                                    {"exact", is_exact(mode.spec)}});
  }
  for (const MeasuredMode& mode : file.comparison) {
    const bool identical = std::isinf(mode.psnr_db);
    json["comparison"].push_back(
        {{"name", mode.name},
         {"width", mode.size.width},
         {"height", mode.size.height},
         {"exact", mode.exact},
         {"cpu_ms", mode.ms},
         {"ratio_to_full", mode.ratio},
         {"identical", identical},
         {"psnr_db", identical ? nlohmann::ordered_json() : nlohmann::ordered_json(mode.psnr_db)}});
  }
  return json;
}

std::string text(Size size) { return fmt::format("{} x {}", size.width, size.height); }

void print_modes(const Inspected& file) {
  if (file.comparison.empty()) {
    const char* title = "decode";
    for (const DecodeMode& mode : file.modes) {
      fmt::print("  {:<12} {:<12} {:<14} {}\n", title, to_string(mode.spec), text(mode.size),
                 is_exact(mode.spec) ? "exact" : "approximate");
      title = "";
    }
    return;
  }
  fmt::print("  {:<12} {:<14} {:>10} {:>8}  {}\n", "decode", "size", "CPU ms", "to full", "PSNR");
  for (const MeasuredMode& mode : file.comparison) {
    fmt::print("  {:<12} {:<14} {:>10.3f} {:>7.3f}x  {}\n", mode.name, text(mode.size), mode.ms, mode.ratio,
               std::isinf(mode.psnr_db) ? "exact" : fmt::format("{:.1f} dB", mode.psnr_db));
  }
}

void print_file(const Inspected& file) {
  fmt::print("{}\n", utf8_or_escaped(file.path));
  if (!file.info) {
    fmt::print("  error        {}: {}\n", item_error_name(file.info.error().code), file.info.error().message);
    return;
  }
  const ImageInfo& info = *file.info;
  fmt::print("  format       {}{}{}, {} bits a sample, {}{}\n", name(info.format),
             info.progressive ? ", progressive" : "", info.interlaced ? ", interlaced" : "", info.bits_per_sample,
             name(info.colour), info.has_alpha ? " with alpha" : "");
  fmt::print("  size         {} x {} (width x height), {:.1f} megapixels, {} bytes\n", info.stored.width,
             info.stored.height, static_cast<double>(info.stored.pixels()) * 1e-6, file.bytes);
  if (info.subsampling != ChromaSubsampling::kNone) fmt::print("  subsampling  {}\n", name(info.subsampling));
  if (info.orientation != Orientation::kUpright) {
    fmt::print("  orientation  {} (EXIF): shown as {} x {}\n", static_cast<int>(info.orientation),
               info.displayed().width, info.displayed().height);
  }
  if (info.restart_interval > 0) fmt::print("  restarts     every {} MCUs\n", info.restart_interval);
  if (info.thumbnail.width > 0)
    fmt::print("  thumbnail    {} x {} (EXIF)\n", info.thumbnail.width, info.thumbnail.height);
  print_modes(file);
}

// Counts and distributions of many files; of each, its name and size stay in memory.
class Summary {
 public:
  // `id`: relative to the folder.
  void add(std::string_view id, const Inspected& file) {
    ++files_;
    bytes_ += file.bytes;
    if (!file.info) {
      ++errors_[std::string(item_error_name(file.info.error().code))];
      return;
    }
    const ImageInfo& info = *file.info;
    ++formats_[std::string(name(info.format))];
    ++colours_[std::string(name(info.colour))];
    ++megapixels_[megapixel_class(info.stored.pixels())];
    if (info.subsampling != ChromaSubsampling::kNone) ++subsamplings_[std::string(name(info.subsampling))];
    if (info.orientation != Orientation::kUpright) ++rotated_;
    if (info.progressive) ++progressive_;
    if (info.thumbnail.width > 0) ++thumbnails_;
    guess_.add(id, info.displayed(), info.thumbnail.width > 0);
    smallest_short_side_ = smallest_short_side_ == 0 ? info.stored.short_side()
                                                     : std::min(smallest_short_side_, info.stored.short_side());
    largest_short_side_ = std::max(largest_short_side_, info.stored.short_side());
  }

  void add_video() { ++videos_; }

  void print(const InputCounts& counts) const {
    fmt::print("{} images, {} bytes; {} videos; {} other files skipped\n", files_, bytes_, videos_, counts.skipped);
    print_counts("formats", formats_);
    print_counts("colour", colours_);
    print_counts("subsampling", subsamplings_);
    print_counts("megapixels", megapixels_);
    if (largest_short_side_ > 0)
      fmt::print("  {:<12} {} to {} pixels\n", "short side", smallest_short_side_, largest_short_side_);
    fmt::print("  {:<12} {} progressive, {} with an EXIF orientation, {} with an embedded thumbnail\n", "of these",
               progressive_, rotated_, thumbnails_);
    print_counts("errors", errors_);
    print_renditions();
  }

  nlohmann::ordered_json json(const InputCounts& counts) const {
    nlohmann::ordered_json json;
    json["images"] = files_;
    json["bytes"] = bytes_;
    json["videos"] = videos_;
    json["skipped_files"] = counts.skipped;
    json["unreadable_folders"] = counts.unreadable_folders;
    json["formats"] = formats_;
    json["colour"] = colours_;
    json["subsampling"] = subsamplings_;
    json["megapixels"] = megapixels_;
    json["short_side"] = {{"min", smallest_short_side_}, {"max", largest_short_side_}};
    json["progressive"] = progressive_;
    json["with_orientation"] = rotated_;
    json["with_thumbnail"] = thumbnails_;
    json["errors"] = errors_;
    json["renditions"] = renditions_json();
    return json;
  }

 private:
  // Which files look like several stored forms of the same items (docs/datasets.md).
  void print_renditions() const {
    const RenditionProposal proposal = guess_.propose();
    if (!proposal.renditions.empty()) {
      fmt::print("\nThese look like renditions of {} items. As dataset.toml in the folder:\n\n{}", proposal.items,
                 dataset_file_text(proposal));
    }
    if (proposal.exif_thumbnails > 0) {
      fmt::print("\nA rendition of its own, exif-thumbnail: {} files have one; --decode thumbnail reads it\n",
                 proposal.exif_thumbnails);
    }
  }

  nlohmann::ordered_json renditions_json() const {
    const RenditionProposal proposal = guess_.propose();
    auto json = nlohmann::ordered_json::array();
    for (const ProposedRendition& proposed : proposal.renditions) {
      json.push_back({{"name", proposed.rendition.name},
                      {"pattern", proposed.rendition.pattern()},
                      {"files", proposed.files},
                      {"items", proposal.items},
                      {"short_side", {{"min", proposed.smallest_short_side}, {"max", proposed.largest_short_side}}}});
    }
    if (proposal.exif_thumbnails > 0) {
      json.push_back({{"name", "exif-thumbnail"}, {"decode", "thumbnail"}, {"files", proposal.exif_thumbnails}});
    }
    return json;
  }

  using Counts = std::map<std::string, uint64_t>;

  static std::string megapixel_class(int64_t pixels) {
    constexpr double kBounds[] = {0.1, 0.3, 1, 3, 8, 16, 32};
    double below = 0;
    for (const double bound : kBounds) {
      if (static_cast<double>(pixels) < bound * 1e6) return fmt::format("{:4.1f} to {}", below, bound);
      below = bound;
    }
    return fmt::format("{:4.1f} and more", below);
  }

  static void print_counts(const char* title, const Counts& counts) {
    for (auto it = counts.begin(); it != counts.end(); ++it) {
      fmt::print("  {:<12} {:>8}  {}\n", it == counts.begin() ? title : "", it->second, it->first);
    }
  }

  RenditionGuess guess_;
  uint64_t files_ = 0;
  uint64_t bytes_ = 0;
  Counts formats_, colours_, subsamplings_, megapixels_, errors_;
  uint64_t videos_ = 0;
  uint64_t rotated_ = 0;
  uint64_t progressive_ = 0;
  uint64_t thumbnails_ = 0;
  int smallest_short_side_ = 0;
  int largest_short_side_ = 0;
};

Error one_picture_only(const InspectArguments& arguments) {
  return {ErrorCode::kUsage,
          "--compare takes one picture or video, not a folder or a list: " + arguments.inputs.source};
}

}  // namespace

int inspect_command(const InspectArguments& arguments) {
  if (arguments.compare && std::filesystem::is_directory(arguments.inputs.source)) throw one_picture_only(arguments);
  const TemporarySnapshot snapshot;
  InputOptions inputs = arguments.inputs;
  inputs.index_videos = false;
  const InputCounts counts = snapshot_inputs(inputs, posix_file_system(), snapshot.path());
  if (counts.items == 0) {
    throw Error(ErrorCode::kUsage, fmt::format("no images or videos found ({} other files skipped) in: {}",
                                               counts.skipped, arguments.inputs.source));
  }
  const bool single = counts.items == 1;
  if (arguments.compare && !single) throw one_picture_only(arguments);
  InputList list(snapshot.path());
  FileReader reader;
  DecoderSet decoders;
  Summary summary;
  uint64_t failed = 0;
  for (Item item; list.next(item);) {
    if (item.frame && !single) {
      summary.add_video();
      continue;
    }
    if (item.frame) {
      const InspectedVideo video = inspect_video(item.path, arguments.compare, arguments.limits);
      arguments.json ? fmt::print("{}\n", video_json(video).dump(2)) : print_video(video);
      return video.index.ok() ? 0 : exit_code(ErrorCode::kTooManyFailed);
    }
    const Inspected file = single ? inspect_closely(item, reader, decoders, arguments)
                                  : inspect(item, reader, decoders, arguments.limits);
    if (!file.info) ++failed;
    if (single) {
      arguments.json ? fmt::print("{}\n", to_json(file).dump(2)) : print_file(file);
    } else {
      summary.add(item.id, file);
    }
  }
  if (!single) {
    arguments.json ? fmt::print("{}\n", summary.json(counts).dump(2)) : summary.print(counts);
  }
  return failed == counts.items ? exit_code(ErrorCode::kTooManyFailed) : 0;
}

}  // namespace smol::cli
