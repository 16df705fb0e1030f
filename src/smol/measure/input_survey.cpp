#include "smol/measure/input_survey.h"

#include <algorithm>
#include <map>
#include <utility>

#include "smol/base/error.h"
#include "smol/engine/temporary_snapshot.h"
#include "smol/measure/item_sample.h"
#include "smol/media/decoder.h"
#include "smol/media/file_reader.h"

namespace smol {
namespace {

constexpr double kNearlyAll = 0.9;  // the others are decoded in full, or as DecodeSpec says

struct Offer {
  DecodeSpec spec;
  int64_t pixels = 0;  // of all files that offer it
  size_t files = 0;
};

void describe(SurveyedRendition& rendition, const DecodeLimits& limits) {
  FileReader reader;
  DecoderSet decoders;
  std::vector<Size> sizes;
  std::map<std::string, Offer> offers;
  double bytes_read = 0;
  size_t files = 0;
  for (const ItemRun& run : rendition.runs) {
    if (run.first().frame) {  // a video: it is not read whole, and its ways are not asked of a picture decoder
      std::error_code missing;
      const auto size = std::filesystem::file_size(run.first().path, missing);
      if (missing) continue;
      bytes_read += static_cast<double>(size);
      ++files;
      continue;
    }
    const Result<std::span<const std::byte>> bytes = reader.read(run.first().path, limits.max_file_bytes);
    if (!bytes) continue;
    bytes_read += static_cast<double>(bytes->size());
    ++files;
    const Result<Decoder*> decoder = decoders.decoder_for(*bytes);
    if (!decoder) continue;
    const Result<std::vector<DecodeMode>> modes = (*decoder)->modes(*bytes);
    if (!modes) continue;
    sizes.push_back(modes->front().size);
    for (const DecodeMode& mode : *modes) {
      Offer& offer = offers[to_string(mode.spec)];
      offer.spec = mode.spec;
      offer.pixels += mode.size.pixels();
      ++offer.files;
    }
  }
  rendition.sizes.items = static_cast<int64_t>(count_items(rendition.runs));
  rendition.sizes.mean_bytes = files > 0 ? bytes_read / static_cast<double>(files) : 0;
  if (!sizes.empty()) {
    std::sort(sizes.begin(), sizes.end(), [](Size a, Size b) { return a.pixels() < b.pixels(); });
    rendition.sizes.smallest = sizes.front();
    rendition.sizes.median = sizes[sizes.size() / 2];
    rendition.sizes.largest = sizes.back();
  }
  std::vector<Offer> common;
  for (const auto& [text, offer] : offers) {
    if (!is_exact(offer.spec) && static_cast<double>(offer.files) >= kNearlyAll * static_cast<double>(sizes.size())) {
      common.push_back(offer);
    }
  }
  std::stable_sort(common.begin(), common.end(), [](const Offer& a, const Offer& b) { return a.pixels > b.pixels; });
  rendition.offered.push_back({});
  for (const Offer& offer : common) rendition.offered.push_back(offer.spec);
}

SurveyedRendition survey(const InputOptions& inputs, FileSystem& files, uint64_t items, uint64_t seed,
                         InputCounts& counts) {
  const TemporarySnapshot snapshot;
  counts = snapshot_inputs(inputs, files, snapshot.path());
  SurveyedRendition rendition;
  rendition.runs = sample_runs(snapshot.path(), items, seed);
  return rendition;
}

}  // namespace

InputSurvey survey_inputs(const InputOptions& inputs, FileSystem& files, uint64_t items, uint64_t seed) {
  if (inputs.source == "-") {
    throw Error(ErrorCode::kUsage,
                "a list on standard input can be read once, and measuring reads it several times: save it to a file");
  }
  InputSurvey surveyed;
  std::vector<uint8_t> used(1, 0);
  if (inputs.dataset) used = inputs.dataset->used;
  for (const uint8_t index : used) {
    InputOptions one = inputs;
    if (one.dataset) one.dataset->used = {index};
    InputCounts counts;
    SurveyedRendition rendition = survey(one, files, items, seed, counts);
    if (counts.items == 0) throw Error(ErrorCode::kUsage, "no images found in: " + inputs.source);
    rendition.name = inputs.dataset ? inputs.dataset->renditions[index].name : "full";
    describe(rendition, inputs.limits);
    surveyed.items = counts.items;
    if (rendition.sizes.mean_bytes > 0) surveyed.renditions.push_back(std::move(rendition));
  }
  if (surveyed.renditions.empty()) throw Error(ErrorCode::kUsage, "no file can be read in: " + inputs.source);
  return surveyed;
}

const SurveyedRendition& largest_rendition(const InputSurvey& survey) {
  const auto size = [](const SurveyedRendition& rendition) {
    return std::pair(rendition.sizes.median.pixels(), rendition.sizes.mean_bytes);
  };
  return *std::max_element(survey.renditions.begin(), survey.renditions.end(),
                           [&](const auto& a, const auto& b) { return size(a) < size(b); });
}

std::vector<InputFormat> default_formats(const InputSurvey& survey, int smallest_input) {
  std::vector<InputFormat> formats;
  for (const SurveyedRendition& rendition : survey.renditions) {
    const int short_side = rendition.sizes.median.short_side();
    for (const DecodeSpec& spec : rendition.offered) {
      const bool is_plain_scale = spec == DecodeSpec{.scale_denominator = spec.scale_denominator};
      const bool is_large_enough = 4 * short_side >= spec.scale_denominator * smallest_input;
      const bool is_thumbnail = spec == DecodeSpec{.thumbnail = true};
      if (is_exact(spec) || is_thumbnail || (is_plain_scale && is_large_enough))
        formats.push_back({rendition.name, spec});
    }
  }
  return formats;
}

}  // namespace smol
