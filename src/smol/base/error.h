// The exception of smol: a bad call or a bad configuration.
//
// A bad *item* (a corrupt image) is never an exception: it is an ItemError inside a Result (result.h).
// The command line prints an Error in one line and exits with exit_code(code).
#pragma once

#include <stdexcept>
#include <string>

namespace smol {

enum class ErrorCode {
  kFailed,         // the run itself broke: disk full, device lost
  kUsage,          // an option, a manifest, a model or a run directory that cannot be used as asked
  kTooManyFailed,  // the run finished with a larger share of failed items than allowed
  kInfeasible,     // no plan meets the constraints
  kInterrupted,    // stopped by SIGINT or SIGTERM; the same command continues
};

// Documented in docs/cli.md: 1, 2, 3, 4, 130.
int exit_code(ErrorCode code);

class Error : public std::runtime_error {
 public:
  // `message` is one line: it names the file or option and says what to do; offending values come last.
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace smol
