#include "smol/media/thumbnail_content.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

namespace smol {
namespace {

// Mean distance of a bar's samples from its colour: compression lets the picture ring into the bar.
constexpr int kBarTolerance = 16;

// The thumbnail as lines along its bars: rows for bars above and below, columns for bars at the sides.
class Lines {
 public:
  Lines(ConstImageView picture, bool rows) : picture_(picture), rows_(rows) {}
  int count() const { return rows_ ? picture_.size.height : picture_.size.width; }
  int length() const { return rows_ ? picture_.size.width : picture_.size.height; }
  const uint8_t* pixel(int line, int i) const {
    return rows_ ? picture_.row(line) + i * picture_.channels : picture_.row(i) + line * picture_.channels;
  }

 private:
  ConstImageView picture_;
  bool rows_;
};

using Colour = std::array<int, 3>;

Colour mean_colour(const Lines& lines, int line) {
  std::array<int64_t, 3> sums{};
  for (int i = 0; i < lines.length(); ++i) {
    for (size_t c = 0; c < 3; ++c) sums[c] += lines.pixel(line, i)[c];
  }
  return {static_cast<int>(sums[0] / lines.length()), static_cast<int>(sums[1] / lines.length()),
          static_cast<int>(sums[2] / lines.length())};
}

bool has_colour(const Lines& lines, int line, const Colour& colour) {
  int64_t distance = 0;
  for (int i = 0; i < lines.length(); ++i) {
    for (size_t c = 0; c < 3; ++c) distance += std::abs(lines.pixel(line, i)[c] - colour[c]);
  }
  return distance <= int64_t{kBarTolerance} * 3 * lines.length();
}

// Lines of that colour from `line` on, in steps of +-1, at most `limit`.
int count_bar(const Lines& lines, int line, int step, const Colour& colour, int limit) {
  int count = 0;
  while (count < limit && has_colour(lines, line + count * step, colour)) ++count;
  return count;
}

struct Bars {
  int before = 0;
  int behind = 0;
};

// `expected` lines of bar on each side, by the aspect ratios.
Bars find_bars(const Lines& lines, double expected) {
  const int least = std::max(1, static_cast<int>(std::floor(expected)) - 1);
  const int most = static_cast<int>(std::ceil(expected)) + 1;
  if (2 * most >= lines.count()) return {};
  const Colour colour = mean_colour(lines, 0);
  Bars bars{count_bar(lines, 0, 1, colour, most + 1), count_bar(lines, lines.count() - 1, -1, colour, most + 1)};
  if (bars.before < least || bars.behind < least) return {};
  // The picture's own edge has the colour of the bar: only the aspect ratio tells where it begins.
  const int predicted = static_cast<int>(std::lround(expected));
  if (bars.before > most) bars.before = predicted;
  if (bars.behind > most) bars.behind = predicted;
  return bars;
}

}  // namespace

Rect thumbnail_content(ConstImageView thumbnail, Size picture) {
  const Size size = thumbnail.size;
  const double content_height = double(size.width) * picture.height / picture.width;
  const double content_width = double(size.height) * picture.width / picture.height;
  const bool letterboxed = content_height < size.height;
  const double expected = letterboxed ? (size.height - content_height) / 2 : (size.width - content_width) / 2;
  // Less is the rounding of a thumbnail without bars.
  constexpr double kLeastExpected = 0.75;
  if (expected < kLeastExpected) return {0, 0, size.height, size.width};
  const Bars bars = find_bars(Lines(thumbnail, letterboxed), expected);
  return letterboxed ? Rect{bars.before, 0, size.height - bars.behind, size.width}
                     : Rect{0, bars.before, size.height, size.width - bars.behind};
}

}  // namespace smol
