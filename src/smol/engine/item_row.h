// The row of an item, as far as the item itself says it.
#pragma once

#include "smol/engine/input_list.h"
#include "smol/engine/row.h"

namespace smol {

// `displayed` {0, 0}: unknown. Not ok, and without an answer.
Row row_of(const Item& item, Size displayed);
Row error_row(const Item& item, const ItemError& error, Size displayed);

}  // namespace smol
