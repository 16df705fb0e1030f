#include "smol/engine/glob.h"

#include <algorithm>

#include "smol/base/error.h"
#include "smol/engine/utf8.h"

namespace smol {
namespace {

constexpr std::string_view kAnyFolders = "**";

// The next character, whole if it is UTF-8, otherwise one byte. Characters compare by their bytes: in UTF-8 that is
// the order of the code points, so ranges work.
std::string_view next_character(std::string_view text) {
  return text.substr(0, std::max<size_t>(utf8_character_bytes(text), 1));
}

std::string_view take_character(std::string_view& text) {
  const std::string_view character = next_character(text);
  text.remove_prefix(character.size());
  return character;
}

// The character of a set, with its escape; `rest` stands before it.
std::string_view take_set_character(std::string_view& rest) {
  if (rest.size() > 1 && rest[0] == '\\') rest.remove_prefix(1);
  return take_character(rest);
}

// `pattern` stands behind the '['. Sets `matched` and stands behind the ']' afterwards; false: there is no ']'.
bool take_set(std::string_view& pattern, std::string_view character, bool& matched) {
  const bool negated = !pattern.empty() && (pattern[0] == '!' || pattern[0] == '^');
  if (negated) pattern.remove_prefix(1);
  bool found = false;
  for (bool first = true; !pattern.empty(); first = false) {
    if (pattern[0] == ']' && !first) {  // a ']' in first place is a member
      pattern.remove_prefix(1);
      matched = found != negated;
      return true;
    }
    const std::string_view low = take_set_character(pattern);
    std::string_view high = low;
    if (pattern.size() > 1 && pattern[0] == '-' && pattern[1] != ']') {
      pattern.remove_prefix(1);
      high = take_set_character(pattern);
    }
    found = found || (low <= character && character <= high);
  }
  return false;
}

// One component against another: no '/' in either. The last `*` takes more and more; earlier ones never need to.
bool matches_component(std::string_view pattern, std::string_view name) {
  std::string_view after_star;
  std::string_view star_name;
  bool has_star = false;
  while (true) {
    if (!pattern.empty() && pattern[0] == '*') {
      pattern.remove_prefix(1);
      after_star = pattern;
      star_name = name;
      has_star = true;
      continue;
    }
    if (name.empty() && pattern.empty()) return true;
    bool matched = false;
    if (!name.empty() && !pattern.empty()) {
      const std::string_view character = next_character(name);
      if (pattern[0] == '?') {
        matched = true;
        pattern.remove_prefix(1);
      } else if (pattern[0] == '[') {
        pattern.remove_prefix(1);
        take_set(pattern, character, matched);
      } else {
        matched = take_set_character(pattern) == character;
      }
      if (matched) name.remove_prefix(character.size());
    }
    if (matched) continue;
    if (!has_star || star_name.empty()) return false;
    take_character(star_name);
    name = star_name;
    pattern = after_star;
  }
}

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> components;
  while (true) {
    const size_t slash = path.find('/');
    components.emplace_back(path.substr(0, slash));
    if (slash == path.npos) return components;
    path.remove_prefix(slash + 1);
  }
}

std::string_view without_root(std::string_view path) {
  while (path.starts_with("./")) path.remove_prefix(2);
  while (path.starts_with("/")) path.remove_prefix(1);
  return path;
}

// The first component of `path`, which is left without it and without the '/' behind it.
std::string_view take_component(std::string_view& path, bool& at_end) {
  const size_t slash = path.find('/');
  const std::string_view component = path.substr(0, slash);
  at_end = slash == path.npos;
  path = at_end ? std::string_view() : path.substr(slash + 1);
  return component;
}

}  // namespace

Glob::Glob(std::string_view pattern) : basename_only_(pattern.find('/') == pattern.npos) {
  const auto refuse = [pattern](const char* reason) {
    throw Error(ErrorCode::kUsage,
                std::string("--include/--exclude: ") + reason + ": '" + std::string(pattern) + "'");
  };
  components_ = split(without_root(pattern));
  if (components_.back().empty()) components_.back() = kAnyFolders;
  if (pattern.empty() || without_root(pattern).empty()) refuse("the pattern is empty");
  for (const std::string& component : components_) {
    std::string_view rest = component;
    while (!rest.empty()) {
      bool ignored = false;
      if (rest[0] != '[') {
        take_set_character(rest);
      } else if (rest.remove_prefix(1); !take_set(rest, {}, ignored)) {
        refuse("'[' has no ']' (write \\[ for the character itself)");
      }
    }
  }
}

bool Glob::matches(std::string_view path) const {
  path = without_root(path);
  if (basename_only_) return matches_component(components_[0], path.substr(path.rfind('/') + 1));
  // As in matches_component, with components for characters and the last `**` for the last `*`.
  size_t index = 0;
  size_t after_any = 0;
  std::string_view any_path;
  bool has_any = false;
  bool at_end = false;
  while (true) {
    if (index < components_.size() && components_[index] == kAnyFolders) {
      if (index + 1 == components_.size()) return !at_end;  // everything below
      after_any = ++index;
      any_path = path;
      has_any = !at_end;
      continue;
    }
    if (at_end && index == components_.size()) return true;
    if (!at_end && index < components_.size()) {
      std::string_view rest = path;
      bool rest_at_end = false;
      if (matches_component(components_[index], take_component(rest, rest_at_end))) {
        path = rest;
        at_end = rest_at_end;
        ++index;
        continue;
      }
    }
    if (!has_any) return false;
    bool any_at_end = false;
    take_component(any_path, any_at_end);
    has_any = !any_at_end;
    if (!has_any) return false;
    path = any_path;
    at_end = false;
    index = after_any;
  }
}

std::string exact_glob(std::string_view path) {
  std::string pattern = "/";  // not any folder's last component
  for (const char c : path) {
    if (c == '*' || c == '?' || c == '[' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern;
}

bool matches_any(const std::vector<Glob>& globs, std::string_view path) {
  return std::any_of(globs.begin(), globs.end(), [path](const Glob& glob) { return glob.matches(path); });
}

}  // namespace smol
