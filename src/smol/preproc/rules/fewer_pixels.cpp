// Resizing is cheaper with fewer pixels (paper §6.2).
#include "smol/preproc/rules/rule.h"

namespace smol {
namespace {

bool beats(const GraphWork& better, const GraphWork& worse) {
  return better.resized_values < worse.resized_values && better.resize_bytes <= worse.resize_bytes &&
         better.passes <= worse.passes;
}

}  // namespace

const Rule kFewerPixels{"fewer-pixels", "resizing is cheaper with fewer pixels", nullptr, beats};

}  // namespace smol
