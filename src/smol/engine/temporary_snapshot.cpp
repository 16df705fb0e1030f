#include "smol/engine/temporary_snapshot.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "smol/base/error.h"

namespace smol {

TemporarySnapshot::TemporarySnapshot() {
  std::string name = (std::filesystem::temp_directory_path() / "smol-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw Error(ErrorCode::kFailed,
                std::string("cannot make a temporary folder (") + std::strerror(errno) + "): " + name);
  }
  folder_ = name;
}

TemporarySnapshot::~TemporarySnapshot() {
  std::error_code ignored;  // nothing to be done about a temporary folder that cannot be removed
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace smol
