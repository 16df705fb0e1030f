#include <fmt/format.h>
#include <hwy/targets.h>
#include <jpeglib.h>
#include <png.h>
#include <sys/utsname.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "commands.h"
#include "smol/base/cpu_budget.h"
#include "smol/base/error.h"
#include "smol/engine/chunk_encoder.h"
#include "version.h"

// The header has the version as bare digits with dots.
#define SMOL_TEXT_OF(token) #token
#define SMOL_TEXT(macro) SMOL_TEXT_OF(macro)

namespace smol::cli {
namespace {

// One fact about the machine. `missing` facts say in `detail` how to get what they name.
struct Finding {
  std::string topic;
  std::string name;
  std::string detail;
  bool missing = false;
};

std::string field_of(const char* file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const size_t colon = line.find(':');
    if (colon == std::string::npos || line.compare(0, key.size(), key) != 0) continue;
    const size_t value = line.find_first_not_of(" \t", colon + 1);
    return value == std::string::npos ? "" : line.substr(value);
  }
  return "unknown";
}

std::string simd_targets() {
  std::string names;
  for (int64_t rest = hwy::SupportedTargets(); rest != 0; rest &= rest - 1) {
    names += (names.empty() ? "" : " ") + std::string(hwy::TargetName(rest & -rest));
  }
  return names;
}

std::vector<Finding> machine_findings() {
  utsname system{};
  uname(&system);
  const CpuBudget budget = cpu_budget();
  return {{"machine", "cpu", field_of("/proc/cpuinfo", "model name") + " (" + system.machine + ")"},
          {"machine", "cores", fmt::format("{} to use: {}", budget.cores, budget.reason)},
          {"machine", "memory",
           field_of("/proc/meminfo", "MemTotal") + ", available " + field_of("/proc/meminfo", "MemAvailable")},
          {"machine", "system", std::string(system.sysname) + " " + system.release},
          {"machine", "simd", simd_targets()}};
}

std::vector<Finding> backend_findings() {
  std::vector<Finding> findings;
  try {
    const auto backend = make_backend("openvino");
    std::string devices;
    for (const std::string& device : backend->devices()) devices += (devices.empty() ? "" : " ") + device;
    findings.push_back({"backend", backend->name(), backend->version() + ", devices: " + devices});
    if (devices.find("CPU") == std::string::npos) {
      findings.push_back(
          {"backend", "openvino CPU device", "its plugin does not load: run `make setup` again", true});
    }
  } catch (const Error& error) {
    findings.push_back({"backend", "openvino", std::string(error.what()) + ": run `make setup` again", true});
  }
  try {
    const auto backend = make_backend("onnxruntime");
    findings.push_back(
        {"backend", backend->name(),
         fmt::format("{}, execution providers: {}", backend->version(), fmt::join(backend->devices(), " "))});
  } catch (const Error& error) {
    findings.push_back({"backend", "onnxruntime", std::string(error.what()) + ": run `make setup` again", true});
  }
  return findings;
}

std::vector<Finding> codec_findings() {
  return {
      {"codec", "jpeg", fmt::format("libjpeg-turbo {} (API {})", SMOL_TEXT(LIBJPEG_TURBO_VERSION), JPEG_LIB_VERSION)},
      {"codec", "png", std::string("libpng ") + png_get_libpng_ver(nullptr)},
      {"rows", "parquet", parquet_library_version()},
      {"rows", "jsonl, csv", "built in"}};
}

void print_text(const std::vector<Finding>& findings) {
  fmt::print("smol {}\n", kVersion);
  for (const Finding& finding : findings) {
    fmt::print("{} {:<8} {:<20} {}\n", finding.missing ? "MISSING" : "ok     ", finding.topic, finding.name,
               finding.detail);
  }
}

void print_json(const std::vector<Finding>& findings) {
  nlohmann::ordered_json json;
  json["smol"] = kVersion;
  for (const Finding& finding : findings) {
    json["findings"].push_back(
        {{"topic", finding.topic}, {"name", finding.name}, {"detail", finding.detail}, {"missing", finding.missing}});
  }
  fmt::print("{}\n", json.dump(2));
}

}  // namespace

int doctor_command(const DoctorArguments& arguments) {
  std::vector<Finding> findings = machine_findings();
  for (const auto& more : {backend_findings(), codec_findings()})
    findings.insert(findings.end(), more.begin(), more.end());
  arguments.json ? print_json(findings) : print_text(findings);
  for (const Finding& finding : findings) {
    if (finding.missing) return exit_code(ErrorCode::kFailed);
  }
  return 0;
}

}  // namespace smol::cli
