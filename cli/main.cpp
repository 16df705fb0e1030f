// smol: parses the command line, calls the subcommand, and is the one place where an error becomes a line on stderr.
#include <fcntl.h>
#include <unistd.h>

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
  return std::visit(
      Overloaded{[](const RunArguments& run) { return run_command(run); },
                 [](const InspectArguments& inspect) { return inspect_command(inspect); },
                 [](const RenderArguments& render) { return render_command(render); },
                 [](const EvalArguments& eval) { return eval.parity ? parity_command(eval) : eval_command(eval); },
                 [](const ReportArguments& report) { return report_command(report); },
                 [](const ProfileArguments& profile) { return profile_command(profile); },
                 [](const PlanArguments& plan) { return plan_command(plan); },
                 [](const ExplainGraphArguments& explain) { return explain_graph_command(explain); },
                 [](const ManifestCheckArguments& check) { return manifest_command(check); },
                 [](const QuoteArguments& quote) { return quote_command(quote); },
                 [](const DoctorArguments& doctor) { return doctor_command(doctor); },
                 [](const PrintAndExit& print) {
                   std::fputs(print.text.c_str(), stdout);
                   return 0;
                 }},
      arguments);
}

// A descriptor that the caller closed would be given to the next file that is opened: what is meant for people would
// land in the run directory.
void open_closed_standard_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(descriptor, F_GETFD) == -1)
      static_cast<void>(open("/dev/null", O_RDWR));  // takes the lowest free number
  }
}

}  // namespace

int main(int argc, char** argv) {
  open_closed_standard_streams();
  try {
    const int exit_code = call(smol::cli::parse_arguments(argc, argv));
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
      throw smol::Error(smol::ErrorCode::kFailed, "cannot write to standard output");
    }
    return exit_code;
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
