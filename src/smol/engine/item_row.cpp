#include "smol/engine/item_row.h"

namespace smol {

Row row_of(const Item& item, Size displayed) {
  Row row;
  row.item = item.ordinal;
  row.id = item.id;
  row.path = item.path;
  row.rendition = item.rendition;
  row.width = displayed.width;
  row.height = displayed.height;
  row.region = item.region;
  if (item.frame && item.frame->pts != kNoTimestamp) {
    row.frame = item.frame->number;
    row.timestamp = item.frame->seconds;
  }
  return row;
}

Row error_row(const Item& item, const ItemError& error, Size displayed) {
  Row row = row_of(item, displayed);
  row.error_code = error.code;
  row.error = error.message;
  return row;
}

}  // namespace smol
