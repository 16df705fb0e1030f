#include "smol/engine/rendition_proposal.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "smol/engine/utf8.h"

namespace smol {
namespace {

constexpr double kSameAspect = 0.03;

// The smaller picture's sides are rounded: a pixel more or less changes nothing.
bool is_same_aspect(Size a, Size b) {
  if (a.short_side() > b.short_side()) std::swap(a, b);
  const double height = double(b.height) * a.width / b.width;
  return std::abs(height - a.height) <= std::max(1.0, kSameAspect * a.height);
}

std::string name_characters(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool is_plain = ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') || c == '_';
    name += is_plain ? c : '-';
  }
  return name;
}

// Whether a pattern with this fixed text can stand in a dataset file.
bool can_be_written(std::string_view text) {
  return is_utf8(text) && text.find("{id}") == text.npos &&
         std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7F; });
}

}  // namespace

void RenditionGuess::add(std::string_view relative_path, Size displayed, bool has_thumbnail) {
  if (has_thumbnail) ++thumbnails_;
  const size_t slash = relative_path.find('/');
  const std::string_view top = slash == relative_path.npos ? "" : relative_path.substr(0, slash + 1);
  std::string_view id = relative_path.substr(top.size());
  const size_t dot = id.rfind('.');
  const bool has_extension = dot != id.npos && dot > 0 && id[dot - 1] != '/' && id.find('/', dot) == id.npos;
  const std::string_view extension = has_extension ? id.substr(dot) : "";
  id.remove_suffix(extension.size());
  if (!can_be_written(top) || !can_be_written(extension)) return;
  Group& group = groups_[{std::string(top), std::string(extension)}];
  const int side = displayed.short_side();
  group.smallest = group.sizes.empty() ? side : std::min(group.smallest, side);
  group.largest = std::max(group.largest, side);
  group.sizes.emplace(id, displayed);
  group.mean_short_side += (side - group.mean_short_side) / static_cast<double>(group.sizes.size());
}

// After their folders, with the extension where several have the same name. "a b" and "a-b" would still be one key:
// the second of them gets a number.
std::vector<std::string> RenditionGuess::names_of(const std::vector<Key>& keys) {
  const auto folder_of = [](const Key& key) {
    return key.first.empty() ? "full" : name_characters(key.first.substr(0, key.first.size() - 1));
  };
  std::map<std::string, int> namesakes;
  for (const Key& key : keys) ++namesakes[folder_of(key)];
  std::vector<std::string> names;
  for (const Key& key : keys) {
    const std::string folder = folder_of(key);
    const std::string wanted = namesakes[folder] == 1 ? folder : folder + name_characters(key.second);
    std::string name = wanted;
    for (int i = 2; std::find(names.begin(), names.end(), name) != names.end(); ++i) {
      name = wanted + "-" + std::to_string(i);
    }
    names.push_back(std::move(name));
  }
  return names;
}

RenditionProposal RenditionGuess::propose() const {
  RenditionProposal proposal;
  proposal.exif_thumbnails = thumbnails_;
  const auto base = std::max_element(groups_.begin(), groups_.end(), [](const auto& a, const auto& b) {
    return std::pair(a.second.sizes.size(), a.second.mean_short_side) <
           std::pair(b.second.sizes.size(), b.second.mean_short_side);
  });
  if (base == groups_.end()) return proposal;
  std::vector<Key> keys;
  std::set<std::string_view> ids;
  for (const auto& [key, group] : groups_) {
    size_t shared = 0;
    size_t same_aspect = 0;
    for (const auto& [id, size] : group.sizes) {
      const auto found = base->second.sizes.find(id);
      if (found == base->second.sizes.end()) continue;
      ++shared;
      if (is_same_aspect(size, found->second)) ++same_aspect;
    }
    if (shared * 2 < group.sizes.size() || same_aspect * 10 < shared * 9) continue;
    keys.push_back(key);
    for (const auto& [id, size] : group.sizes) ids.insert(id);
  }
  if (keys.size() < 2) return proposal;
  std::stable_sort(keys.begin(), keys.end(), [&](const Key& a, const Key& b) {
    return groups_.at(a).mean_short_side > groups_.at(b).mean_short_side;
  });
  proposal.items = ids.size();
  const std::vector<std::string> names = names_of(keys);
  for (size_t i = 0; i < keys.size(); ++i) {
    const Group& group = groups_.at(keys[i]);
    proposal.renditions.push_back(
        {{names[i], keys[i].first, keys[i].second}, group.sizes.size(), group.smallest, group.largest});
  }
  return proposal;
}

std::string dataset_file_text(const RenditionProposal& proposal) {
  std::string text = "[renditions]\n";
  for (const ProposedRendition& proposed : proposal.renditions) {
    text += fmt::format("{}  # {} of {} items, short side {} to {}\n", dataset_file_line(proposed.rendition),
                        proposed.files, proposal.items, proposed.smallest_short_side, proposed.largest_short_side);
  }
  return text;
}

}  // namespace smol
