#include "smol/preproc/rules/rule.h"

#include <array>

namespace smol {

std::span<const Rule> all_rules() {
  static const std::array<Rule, 9> kRules = {kMovePointwise, kFusePointwise, kSwapResizeCrop,
                                             kCropInDecoder, kMergeResizes,  kDeadChannels,
                                             kFewerPixels,   kSmallerTypes,  kFusionWins};
  return kRules;
}

}  // namespace smol
