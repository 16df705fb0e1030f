// Glob's two loops with one step back, against the recursion that tries everything.
#include <gtest/gtest.h>

#include <random>

#include "smol/engine/glob.h"

namespace smol {
namespace {

bool component_matches(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  if (pattern[0] == '*') {
    return component_matches(pattern.substr(1), name) ||
           (!name.empty() && component_matches(pattern, name.substr(1)));
  }
  if (name.empty()) return false;
  return (pattern[0] == '?' || pattern[0] == name[0]) && component_matches(pattern.substr(1), name.substr(1));
}

using Parts = std::vector<std::string>;

bool path_matches(const Parts& pattern, size_t i, const Parts& path, size_t j) {
  if (i == pattern.size()) return j == path.size();
  if (pattern[i] == "**") {
    if (i + 1 == pattern.size()) return j < path.size();
    return path_matches(pattern, i + 1, path, j) || (j < path.size() && path_matches(pattern, i, path, j + 1));
  }
  return j < path.size() && component_matches(pattern[i], path[j]) && path_matches(pattern, i + 1, path, j + 1);
}

TEST(GlobTwin, AgreesOnRandomPatternsAndPaths) {
  std::mt19937 random(1);
  const auto text = [&random](std::string_view alphabet, size_t longest) {
    std::string result;
    const size_t length = random() % longest + 1;
    while (result.size() < length) result += alphabet[random() % alphabet.size()];
    return result;
  };
  int matched = 0;
  for (int trial = 0; trial < 200'000; ++trial) {
    Parts pattern;
    const size_t components = random() % 4 + 1;
    while (pattern.size() < components) pattern.push_back(random() % 3 == 0 ? "**" : text("ab**?", 4));
    std::string joined;
    for (const std::string& component : pattern) joined += (joined.empty() ? "" : "/") + component;
    Parts path;
    const size_t path_components = random() % 5 + 1;
    while (path.size() < path_components) path.push_back(text("ab", 3));
    std::string path_text;
    for (const std::string& component : path) path_text += (path_text.empty() ? "" : "/") + component;
    const bool expected =
        components == 1 ? component_matches(pattern[0], path.back()) : path_matches(pattern, 0, path, 0);
    ASSERT_EQ(Glob(joined).matches(path_text), expected) << joined << " on " << path_text;
    matched += expected;
  }
  EXPECT_GT(matched, 20'000);
}

}  // namespace
}  // namespace smol
