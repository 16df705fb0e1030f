// The order of strips, checked in one place.
#pragma once

#include "smol/base/decode_spec.h"

namespace smol {

// Throws Error(kUsage) unless `strip` holds RGB rows of `decoded` that begin at `expected_row`.
void require_next_strip(const Strip& strip, int64_t expected_row, Size decoded);

}  // namespace smol
