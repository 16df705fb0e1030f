// Room for a snapshot of inputs that no run directory keeps: a file in the temporary folder, gone with the object.
#pragma once

#include <filesystem>

namespace smol {

class TemporarySnapshot {
 public:
  TemporarySnapshot();  // throws Error(kFailed)
  ~TemporarySnapshot();
  TemporarySnapshot(const TemporarySnapshot&) = delete;
  TemporarySnapshot& operator=(const TemporarySnapshot&) = delete;
  std::filesystem::path path() const { return folder_ / "inputs"; }

 private:
  std::filesystem::path folder_;  // made by mkdtemp: nobody else's
};

}  // namespace smol
