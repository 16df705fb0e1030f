#include "smol/measure/profile_file.h"

#include <fstream>
#include <sstream>
#include <string>

#include "smol/base/error.h"

namespace smol {

Profile read_profile(const std::filesystem::path& file, const MachineIdentity& here) {
  Profile profile;
  profile.machine = here;
  profile.capacities.cores = here.cores;
  if (!std::filesystem::exists(file)) return profile;
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) throw Error(ErrorCode::kUsage, "cannot read the profile: " + file.string());
  Profile found = parse_profile(text.str(), file.string());
  const std::string foreign = difference(found.machine, here);
  if (!foreign.empty()) {
    throw Error(ErrorCode::kUsage, "the profile was measured on another machine or version (" + foreign +
                                       "): name another file, or remove it to measure anew: " + file.string());
  }
  return found;
}

void write_profile(const Profile& profile, const std::filesystem::path& file, FileSystem& files) {
  if (file.has_parent_path()) files.create_directories(file.parent_path());
  write_atomically(files, file, to_json(profile));
}

}  // namespace smol
