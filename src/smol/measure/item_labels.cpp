#include "smol/measure/item_labels.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "smol/base/error.h"

namespace smol {
namespace {

[[noreturn]] void refuse(const LabelRow& row, const std::string& where, const std::string& what) {
  throw Error(ErrorCode::kUsage, where + ": record " + std::to_string(row.record) + ": " + what);
}

template <typename T>
std::optional<T> number(const std::string& text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_digits(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

RightClasses right_classes(const LabelRow& row, const std::string& where, const std::vector<std::string>& names,
                           int64_t classes) {
  RightClasses right;
  for (const std::string& label : row.labels) {
    if (is_digits(label)) {
      const std::optional<int32_t> index = number<int32_t>(label);
      if (!index || *index >= classes) {
        refuse(row, where, "the model has the classes 0 to " + std::to_string(classes - 1) + ", not: " + label);
      }
      right.push_back(*index);
      continue;
    }
    const auto found = std::find(names.begin(), names.end(), label);
    if (found == names.end()) {
      refuse(row, where,
             names.empty() ? "the model's manifest names no labels: give class indices instead of: " + label
                           : "no class of the model has this name: " + label);
    }
    if (std::find(found + 1, names.end(), label) != names.end())
      refuse(row, where, "several classes have this name, give the index: " + label);
    right.push_back(static_cast<int32_t>(found - names.begin()));
  }
  std::sort(right.begin(), right.end());
  right.erase(std::unique(right.begin(), right.end()), right.end());
  return right;
}

double true_number(const LabelRow& row, const std::string& where) {
  if (row.labels.size() != 1) refuse(row, where, "the model says one number, so an item has one label: " + row.id);
  const std::optional<double> value = number<double>(row.labels[0]);
  if (!value || !std::isfinite(*value)) refuse(row, where, "not a number: " + row.labels[0]);
  return *value;
}

LabelTable labels_from_folders(const std::vector<std::string>& ids) {
  std::vector<LabelRow> rows;
  for (const std::string& id : ids) {
    const size_t slash = id.find('/');
    if (slash == id.npos || slash == 0) {
      throw Error(ErrorCode::kUsage,
                  "--folder-labels: the label is the first folder of an id, and there is none: " + id);
    }
    rows.push_back({id, {id.substr(0, slash)}, "", rows.size() + 1});
  }
  return {std::move(rows), "--folder-labels"};
}

}  // namespace smol
