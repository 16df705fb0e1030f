// What the user's inputs are like: a sample of them, as every rendition stores it, and the ways to decode them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "smol/base/decode_spec.h"
#include "smol/engine/dataset.h"
#include "smol/engine/input_list.h"
#include "smol/plan/input_format.h"
#include "smol/plan/profile.h"

namespace smol {

struct SurveyedRendition {
  std::string name;                 // "full" of inputs that are no dataset
  std::vector<ItemRun> runs;        // the same items in the same, random order in all renditions
  InputSizes sizes;                 // of those whose headers could be read
  std::vector<DecodeSpec> offered;  // ways that nearly all of them offer (90 %): full first, then by falling size
};

struct InputSurvey {
  std::vector<SurveyedRendition> renditions;  // of a dataset: those in use
  uint64_t items = 0;                         // there are, not only in the sample
};

// `inputs.dataset` as find_dataset() says. About `items` items. Reads each sampled file once. Throws Error(kUsage) if
// there is no item, or none that can be read, and for a list on stdin.
InputSurvey survey_inputs(const InputOptions& inputs, FileSystem& files, uint64_t items, uint64_t seed);

// The one that stores the most pixels (of videos: bytes): what loss and agreement are counted against.
const SurveyedRendition& largest_rendition(const InputSurvey& survey);

// The ways to read the inputs that are compared if nobody names others: every rendition as it is, and of each the
// scales and the embedded thumbnail that it offers, scales down to a quarter of `smallest_input` (pixels; the
// smallest model's short side).
std::vector<InputFormat> default_formats(const InputSurvey& survey, int smallest_input);

}  // namespace smol
