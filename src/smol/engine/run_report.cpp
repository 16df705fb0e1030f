#include "smol/engine/run_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>

namespace smol {
namespace {

constexpr double kNsToSeconds = 1e-9;

struct NamedTime {
  std::string_view name;
  int64_t ns;
};

std::array<NamedTime, 5> busy_times(const StageTimes& times) {
  return {{{"read", times.read_ns},
           {"decode", times.decode_ns},
           {"preprocess", times.preprocess_ns},
           {"infer", times.infer_ns},
           {"sink", times.sink_ns}}};
}

template <size_t N>
NamedTime largest_of(const std::array<NamedTime, N>& times) {
  return *std::max_element(times.begin(), times.end(),
                           [](const NamedTime& a, const NamedTime& b) { return a.ns < b.ns; });
}

nlohmann::ordered_json against_actual(const Interval& quoted, double actual) {
  return {{"quoted", quoted.value}, {"low", quoted.low}, {"high", quoted.high}, {"actual", actual}};
}

// What was quoted of the items of this invocation, and what they came to.
nlohmann::ordered_json quote_json(const Quote& quote, const RunReport& report) {
  const double cents_per_second = quote.cents.value / quote.seconds.value;
  return {{"cores", quote.cores},
          {"measured", quote.measured},
          {"items_per_s", against_actual(quote.items_per_s, report.items_per_s())},
          {"seconds", against_actual(quote.seconds, report.wall_seconds)},
          {"cents", against_actual(quote.cents, cents_per_second * report.wall_seconds)}};
}

std::string quote_text(const Quote& quote, const RunReport& report) {
  return fmt::format("{:.1f} items/s ({:.1f} to {:.1f}) were quoted: {:.2f} s; it took {:+.1f} %",
                     quote.items_per_s.value, quote.items_per_s.low, quote.items_per_s.high, quote.seconds.value,
                     100 * (report.wall_seconds / quote.seconds.value - 1));
}

}  // namespace

Bottleneck bottleneck(const RunReport& report) {
  const StageTimes& times = report.times;
  const double wall_ns = std::max(1.0, report.wall_seconds / kNsToSeconds);
  const double busy_cores = static_cast<double>(times.busy_ns()) / wall_ns;
  // Below this share of the cores, something else than the CPU holds the run up.
  constexpr double kCoresBusy = 0.8;
  const std::array<NamedTime, 3> waits = {
      {{"read", times.read_wait_ns}, {"infer", times.slot_wait_ns}, {"sink", times.source_wait_ns}}};
  const NamedTime longest = largest_of(waits);
  const double waiting_share = static_cast<double>(longest.ns) / (wall_ns * report.producers);
  // Producers that hardly wait are held up by the cores, even where other processes take their part of them.
  constexpr double kHardlyWaiting = 0.1;
  if (busy_cores < kCoresBusy * report.cores && waiting_share >= kHardlyWaiting) {
    return {std::string(longest.name),
            fmt::format("producers wait for it {:.0f} % of their time ({:.2f} of {} cores busy)",
                        100.0 * waiting_share, busy_cores, report.cores)};
  }
  const NamedTime largest = largest_of(busy_times(times));
  const double busy_ns = static_cast<double>(std::max<int64_t>(1, times.busy_ns()));
  return {std::string(largest.name),
          fmt::format("{:.0f} % of the core time ({:.2f} of {} cores busy)",
                      100.0 * static_cast<double>(largest.ns) / busy_ns, busy_cores, report.cores)};
}

std::string to_json(const RunReport& report) {
  const double items = static_cast<double>(std::max<uint64_t>(1, report.items_now));
  nlohmann::ordered_json json;
  json["smol_report"] = 1;
  json["plan_id"] = report.plan_id;
  json["output"] = report.output;
  json["interrupted"] = report.interrupted;
  json["items"] = report.items;
  json["failed"] = report.failed;
  json["failed_by_code"] = report.failed_by_code;
  json["skipped_files"] = report.skipped;
  json["unreadable_folders"] = report.unreadable_folders;
  json["items_now"] = report.items_now;
  json["startup_seconds"] = report.startup_seconds;
  json["wall_seconds"] = report.wall_seconds;
  json["cpu_seconds"] = report.cpu_seconds;
  json["items_per_s"] = report.items_per_s();
  for (const NamedTime& stage : busy_times(report.times)) {
    const double seconds = static_cast<double>(stage.ns) * kNsToSeconds;
    json["stages"][std::string(stage.name)] = {{"core_seconds", seconds}, {"core_seconds_per_item", seconds / items}};
  }
  json["waiting_seconds"] = {
      {"producers_for_disk", static_cast<double>(report.times.read_wait_ns) * kNsToSeconds},
      {"producers_for_batch_slot", static_cast<double>(report.times.slot_wait_ns) * kNsToSeconds},
      {"producers_for_item", static_cast<double>(report.times.source_wait_ns) * kNsToSeconds},
      {"device_idle", static_cast<double>(report.times.device_idle_ns) * kNsToSeconds}};
  const Bottleneck bound = bottleneck(report);
  json["bottleneck"] = {{"stage", bound.stage}, {"reason", bound.reason}};
  json["engine"] = {{"backend", report.backend},
                    {"preprocessing", report.preprocessing},
                    {"cut", report.cut},
                    {"cut_reason", report.cut_reason},
                    {"cores", report.cores},
                    {"threads_reason", report.threads_reason},
                    {"producers", report.producers},
                    {"streams", report.streams},
                    {"batch", report.batch},
                    {"batch_reason", report.batch_reason},
                    {"slots", report.slots},
                    {"slot_bytes", report.slot_bytes},
                    {"batches", report.batches},
                    {"padded_rows", report.padded_rows}};
  if (report.quote) json["quote"] = quote_json(*report.quote, report);
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string to_table(const RunReport& report) {
  std::string text;
  const auto line = [&](std::string_view key, const std::string& value) {
    fmt::format_to(std::back_inserter(text), "  {:<12} {}\n", key, value);
  };
  line("items", fmt::format("{} ({} ok, {} failed){}", report.items, report.items - report.failed, report.failed,
                            report.skipped > 0 ? fmt::format("; {} other files skipped", report.skipped) : ""));
  for (const auto& [code, count] : report.failed_by_code) line("", fmt::format("{:>8}  {}", count, code));
  line("speed", fmt::format("{:.1f} items/s: {} items in {:.2f} s, after {:.2f} s to start", report.items_per_s(),
                            report.items_now, report.wall_seconds, report.startup_seconds));
  if (report.quote) line("quote", quote_text(*report.quote, report));
  const double items = static_cast<double>(std::max<uint64_t>(1, report.items_now));
  const double busy_ns = static_cast<double>(std::max<int64_t>(1, report.times.busy_ns()));
  std::string stages;
  for (const NamedTime& stage : busy_times(report.times)) {
    fmt::format_to(std::back_inserter(stages), "{}{} {:.2f} ms ({:.0f} %)", stages.empty() ? "" : ", ", stage.name,
                   static_cast<double>(stage.ns) * 1e-6 / items, 100.0 * static_cast<double>(stage.ns) / busy_ns);
  }
  line("core time", stages + " an item");
  const Bottleneck bound = bottleneck(report);
  line("bound by", bound.stage + ": " + bound.reason);
  line("engine", fmt::format("{}, {} producers + {} streams ({}), batch {} ({})", report.backend, report.producers,
                             report.streams, report.threads_reason, report.batch, report.batch_reason));
  line("cut", fmt::format("{} ({})", report.cut, report.cut_reason));
  line("plan", report.plan_id);
  line("rows", report.output);
  return text;
}

}  // namespace smol
