// Globs on paths, byte by byte except that `?` and `[...]` take a whole UTF-8 character. No locale, no file system.
//
//   *      any characters but '/'            ?      one character but '/'
//   [a-z]  one of these; [!a-z] none         \x     x itself
//   **     as a whole component: any number of folders; at the end: everything below
//
// A pattern without '/' is matched against the last component, one with '/' against the whole path; a leading '/' or
// './' of either does not count. "thumbs/" means "thumbs/**".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace smol {

class Glob {
 public:
  explicit Glob(std::string_view pattern);  // throws Error(kUsage): empty, or a '[' without ']'
  bool matches(std::string_view path) const;

 private:
  bool basename_only_;
  std::vector<std::string> components_;
};

// The pattern that matches `path` and nothing else.
std::string exact_glob(std::string_view path);

// No globs: false.
bool matches_any(const std::vector<Glob>& globs, std::string_view path);

}  // namespace smol
