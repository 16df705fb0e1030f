// What measurements are bound to.
#pragma once

#include <string>

#include "smol/infer/backend.h"
#include "smol/plan/profile.h"

namespace smol {

// CPU model, cores that may be used, memory; versions of smol (given), the kernel and the backend.
MachineIdentity this_machine(const std::string& smol_version, const Backend& backend);

}  // namespace smol
