#include "smol/media/frame_rule.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <random>
#include <set>

#include "smol/base/error.h"

namespace smol {
namespace {

[[noreturn]] void refuse(std::string_view text) {
  throw Error(ErrorCode::kUsage,
              "frames must be all, every=N, fps=N, keyframes, references, at=SECONDS,SECONDS,... or random=N: " +
                  std::string(text));
}

template <typename Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

std::string number_text(double number) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof(text), number).ptr};
}

std::vector<double> read_times(std::string_view text, std::string_view whole) {
  std::vector<double> times;
  while (true) {
    const std::string_view part = text.substr(0, text.find(','));
    double time = 0;
    if (!read_number(part, time) || !std::isfinite(time)) refuse(whole);
    times.push_back(time);
    if (part.size() == text.size()) break;
    text.remove_prefix(part.size() + 1);
  }
  std::sort(times.begin(), times.end());
  return times;
}

// The frame that is shown at `seconds`: index.frames.size() if none is.
size_t shown_at(const VideoIndex& index, double seconds) {
  const double tolerance = index.seconds_per_tick / 2;  // a time written with few digits still means its frame
  const auto after = std::upper_bound(index.frames.begin(), index.frames.end(), seconds + tolerance,
                                      [](double time, const IndexedFrame& frame) { return time < frame.seconds; });
  if (after == index.frames.begin()) return index.frames.size();
  return static_cast<size_t>(after - index.frames.begin()) - 1;
}

// A frame is on screen until the next one; the last one as long as its predecessor was, and at least a tick.
double end_seconds(const VideoIndex& index) {
  const size_t last = index.frames.size() - 1;
  const double before = last > 0 ? index.frames[last].seconds - index.frames[last - 1].seconds : 0;
  return index.frames[last].seconds + std::max(before, index.seconds_per_tick);
}

std::vector<size_t> numbers_of(const VideoIndex& index, const FrameRule& rule, uint64_t seed) {
  std::vector<size_t> numbers;
  const size_t count = index.frames.size();
  switch (rule.kind) {
    case FrameRule::Kind::kAll:
    case FrameRule::Kind::kEvery:
      for (size_t i = 0; i < count; i += static_cast<size_t>(rule.every)) numbers.push_back(i);
      break;
    case FrameRule::Kind::kKeyFrames:
      for (size_t i = 0; i < count; ++i) {
        if (index.frames[i].is_key) numbers.push_back(i);
      }
      break;
    case FrameRule::Kind::kReferences:
      for (size_t i = 0; i < count; ++i) {
        if (index.frames[i].is_reference) numbers.push_back(i);
      }
      break;
    case FrameRule::Kind::kPerSecond: {
      // Frame by frame, not time by time: a file whose times leap by centuries takes no longer.
      const double first = index.frames[0].seconds;
      const double end = end_seconds(index);
      const double tolerance = index.seconds_per_tick / 2;
      for (size_t i = 0; i < count; ++i) {
        const double begins = (index.frames[i].seconds - first - tolerance) * rule.per_second;
        const double ends =
            ((i + 1 < count ? index.frames[i + 1].seconds : end) - first - tolerance) * rule.per_second;
        if (std::ceil(begins) < ends) numbers.push_back(i);
      }
      break;
    }
    case FrameRule::Kind::kTimes:
      for (const double time : rule.times) {
        if (time >= end_seconds(index) && time > index.frames[count - 1].seconds) continue;
        const size_t frame = shown_at(index, time);
        if (frame < count) numbers.push_back(frame);
      }
      break;
    case FrameRule::Kind::kRandom: {
      // Floyd's algorithm: `random` different numbers below count, with memory for them alone.
      std::mt19937_64 generator(seed);
      std::set<size_t> chosen;
      const size_t wanted = std::min<size_t>(rule.random, count);
      for (size_t i = count - wanted; i < count; ++i) {
        const size_t number = generator() % (i + 1);  // not std::uniform_int_distribution: its numbers are its own
        if (!chosen.insert(number).second) chosen.insert(i);
      }
      numbers.assign(chosen.begin(), chosen.end());
      break;
    }
  }
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

}  // namespace

FrameRule parse_frame_rule(std::string_view text) {
  FrameRule rule;
  const size_t equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  const std::string_view value = equals == text.npos ? std::string_view() : text.substr(equals + 1);
  if (text == "all") return rule;
  if (text == "keyframes") {
    rule.kind = FrameRule::Kind::kKeyFrames;
  } else if (text == "references") {
    rule.kind = FrameRule::Kind::kReferences;
  } else if (name == "every" && read_number(value, rule.every) && rule.every > 0) {
    rule.kind = FrameRule::Kind::kEvery;
  } else if (name == "fps" && read_number(value, rule.per_second) && rule.per_second > 0 &&
             std::isfinite(rule.per_second)) {
    rule.kind = FrameRule::Kind::kPerSecond;
  } else if (name == "random" && read_number(value, rule.random) && rule.random > 0) {
    rule.kind = FrameRule::Kind::kRandom;
  } else if (name == "at") {
    rule.kind = FrameRule::Kind::kTimes;
    rule.times = read_times(value, text);
  } else {
    refuse(text);
  }
  return rule;
}

std::string to_string(const FrameRule& rule) {
  switch (rule.kind) {
    case FrameRule::Kind::kAll: return "all";
    case FrameRule::Kind::kEvery: return "every=" + std::to_string(rule.every);
    case FrameRule::Kind::kPerSecond: return "fps=" + number_text(rule.per_second);
    case FrameRule::Kind::kKeyFrames: return "keyframes";
    case FrameRule::Kind::kReferences: return "references";
    case FrameRule::Kind::kRandom: return "random=" + std::to_string(rule.random);
    case FrameRule::Kind::kTimes: break;
  }
  std::string text;
  for (const double time : rule.times) text += (text.empty() ? "at=" : ",") + number_text(time);
  return text;
}

std::vector<FrameRef> pick_frames(const VideoIndex& index, const FrameRule& rule, uint64_t seed) {
  std::vector<FrameRef> picked;
  const std::vector<size_t> numbers = numbers_of(index, rule, seed);
  picked.reserve(numbers.size());
  for (size_t i = 0; i < numbers.size(); ++i) {
    const IndexedFrame& frame = index.frames[numbers[i]];
    const FrameGroup& group = index.groups[frame.group];
    const bool ends_group = i + 1 == numbers.size() || index.frames[numbers[i + 1]].group != frame.group;
    picked.push_back(
        {static_cast<int64_t>(numbers[i]), frame.pts, group.key_pts, group.key_seek, frame.seconds, ends_group});
  }
  return picked;
}

}  // namespace smol
