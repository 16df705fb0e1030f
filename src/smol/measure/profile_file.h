// Where profiles lie, and which may be used here.
#pragma once

#include <filesystem>

#include "smol/base/file_system.h"
#include "smol/plan/profile.h"

namespace smol {

// The profile in `file`; one without measurements if there is no such file. Throws Error(kUsage), one line: not a
// profile, or one of another machine (`here` as this_machine() says), with the first difference.
Profile read_profile(const std::filesystem::path& file, const MachineIdentity& here);

// Whole or not at all; makes the folder.
void write_profile(const Profile& profile, const std::filesystem::path& file, FileSystem& files);

}  // namespace smol
