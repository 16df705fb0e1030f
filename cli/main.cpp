// smol: parses the command line, calls the subcommand, and is the one place where an error becomes a line on stderr.
#include <cstdio>
#include <exception>
#include <new>
#include <system_error>

#include "arguments.h"
#include "commands.h"
#include "smol/base/error.h"

namespace {

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

int call(const smol::cli::Arguments& arguments) {
  using namespace smol::cli;
  return std::visit(Overloaded{[](const RunArguments& run) { return run_command(run); },
                               [](const InspectArguments& inspect) { return inspect_command(inspect); },
                               [](const DoctorArguments& doctor) { return doctor_command(doctor); },
                               [](const PrintAndExit& print) {
                                 std::fputs(print.text.c_str(), stdout);
                                 return 0;
                               }},
                    arguments);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return call(smol::cli::parse_arguments(argc, argv));
  } catch (const smol::Error& error) {
    std::fprintf(stderr, "smol: %s\n", error.what());
    return smol::exit_code(error.code());
  } catch (const std::bad_alloc&) {
    std::fputs("smol: out of memory: try a smaller --batch or fewer --threads\n", stderr);
  } catch (const std::system_error& error) {  // no thread to be had; a path that the file system does not take
    std::fprintf(stderr, "smol: %s\n", error.what());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "smol: unexpected failure (please report it): %s\n", error.what());
  }
  return smol::exit_code(smol::ErrorCode::kFailed);
}
