// From label texts to classes: which outputs of a model count as right for an item.
#pragma once

#include <string>
#include <vector>

#include "smol/measure/label_table.h"
#include "smol/measure/outcomes.h"

namespace smol {

// `names`: the model's labels by class index (empty: it has none). A label of digits alone is an index; another one
// is a name. Throws Error(kUsage), one line with file and record: an index that the model does not have, a name that
// it does not have or has twice.
RightClasses right_classes(const LabelRow& row, const std::string& where, const std::vector<std::string>& names,
                           int64_t classes);

// The number that a model should say. Throws Error(kUsage): several labels, or not a number.
double true_number(const LabelRow& row, const std::string& where);

// Folders as classes: the label of an id is its first folder. Throws Error(kUsage) for an id without one.
LabelTable labels_from_folders(const std::vector<std::string>& ids);

}  // namespace smol
