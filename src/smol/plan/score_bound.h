// Tango's score bound (1998) on the difference of two shares of the same items.
#pragma once

namespace smol {

// Upper bound on p(only_a) - p(only_b), where of `items` so many are right by only one of two: the difference at
// which the score statistic is -z. Counts may be fractions (items over a design effect). Better than a normal bound
// where few items differ: 0 and 0 of n give z^2 / (n + z^2). z > 0, items > 0.
double paired_score_bound(double only_a, double only_b, double items, double z);

}  // namespace smol
