#include "smol/base/error.h"

namespace smol {

int exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::kFailed: return 1;
    case ErrorCode::kUsage: return 2;
    case ErrorCode::kTooManyFailed: return 3;
    case ErrorCode::kInfeasible: return 4;
    case ErrorCode::kInterrupted: return 130;
  }
  return 1;
}

}  // namespace smol
