// How far the worst of several correlated estimates may lie from its truth: the multiplier bootstrap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace smol {

// Rows: one an estimate, one residual a group. All rows of one length.
using Residuals = std::vector<std::vector<double>>;

// The quantile at `probability` of max_i |Z_i| (two_sided) or max_i Z_i, each less shifts[i], where Z are standard
// normal with the correlation of the rows. `shifts` may be empty. Rows without any deviation are left out; no row: 0.
// Cost: 2,000 * rows * groups multiply-adds. Deterministic.
double max_deviation_quantile(const Residuals& residuals, double probability, bool two_sided,
                              std::span<const double> shifts = {});

}  // namespace smol
