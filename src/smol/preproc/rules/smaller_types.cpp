// Resizing is cheaper with smaller data types (paper §6.2).
#include "smol/preproc/rules/rule.h"

namespace smol {
namespace {

bool beats(const GraphWork& better, const GraphWork& worse) {
  return better.resize_bytes < worse.resize_bytes && better.resized_values <= worse.resized_values &&
         better.passes <= worse.passes;
}

}  // namespace

const Rule kSmallerTypes{"smaller-types", "resizing is cheaper with smaller data types", nullptr, beats};

}  // namespace smol
