// Fusion always improves performance (paper §6.2).
#include "smol/preproc/rules/rule.h"

namespace smol {
namespace {

bool beats(const GraphWork& better, const GraphWork& worse) {
  return better.passes < worse.passes && better.resized_values <= worse.resized_values &&
         better.resize_bytes <= worse.resize_bytes;
}

}  // namespace

const Rule kFusionWins{"fusion-wins", "fewer passes over the picture are cheaper", nullptr, beats};

}  // namespace smol
