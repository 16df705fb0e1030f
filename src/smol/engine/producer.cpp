#include "smol/engine/producer.h"

#include <algorithm>
#include <new>

#include "smol/base/clock.h"

namespace smol {
namespace {

Row error_row(const Item& item, const ItemError& error, Size displayed) {
  Row row;
  row.item = item.ordinal;
  row.id = item.id;
  row.path = item.path;
  row.error_code = error.code;
  row.error = error.message;
  row.width = displayed.width;
  row.height = displayed.height;
  return row;
}

}  // namespace

bool Producer::produce(const Item& item, BatchRing& ring, RowSink& sink) {
  const int64_t wall_start = wall_ns();
  const int64_t cpu_start = thread_cpu_ns();
  const Result<std::span<const std::byte>> bytes = reader_.read(item.path, limits_.max_file_bytes);
  const int64_t cpu_read = thread_cpu_ns();
  times_.read_ns += cpu_read - cpu_start;
  times_.read_wait_ns += std::max<int64_t>(0, (wall_ns() - wall_start) - (cpu_read - cpu_start));
  if (!bytes) {
    sink.add(error_row(item, bytes.error(), {}));
    return true;
  }

  Size displayed;
  const Result<OpenItem> opened = open(*bytes, displayed);
  if (!opened) {
    sink.add(error_row(item, opened.error(), displayed));
    times_.decode_ns += thread_cpu_ns() - cpu_read;
    return true;
  }

  // Claimed only now: a file with a bad header takes no room in a batch.
  const int64_t wait_start = wall_ns();
  const ClaimedRow claimed = ring.claim();
  times_.slot_wait_ns += wall_ns() - wait_start;
  if (claimed.slot == nullptr) return false;
  SlotRow& row = claimed.slot->rows[static_cast<size_t>(claimed.row)];
  row.item = item;
  row.displayed = displayed;

  StripTimes strips;
  const Status status = decode_into(ring.row_tensor(claimed), *opened, strips);
  if (!status.ok()) sink.add(error_row(item, status.error(), displayed));
  const int64_t cpu_ns = thread_cpu_ns() - cpu_read;
  const double preprocess_share =
      static_cast<double>(strips.preprocess_ns) / static_cast<double>(strips.decode_ns + strips.preprocess_ns + 1);
  const auto preprocess_ns = static_cast<int64_t>(preprocess_share * static_cast<double>(cpu_ns));
  times_.preprocess_ns += preprocess_ns;
  times_.decode_ns += cpu_ns - preprocess_ns;
  ring.complete(claimed, status.ok());
  return true;
}

Result<Producer::OpenItem> Producer::open(std::span<const std::byte> bytes, Size& displayed) try {
  const Result<Decoder*> decoder = decoders_.decoder_for(bytes);
  if (!decoder) return decoder.error();
  const Result<ImageInfo> info = (*decoder)->inspect(bytes);
  if (!info) return info.error();
  displayed = info->displayed();
  const Result<DecodedGeometry> geometry = (*decoder)->open(bytes, spec_, limits_);
  if (!geometry) return geometry.error();
  return OpenItem{*decoder, *geometry, info->orientation};
} catch (const std::bad_alloc&) {
  return ItemError{ItemErrorCode::kOutOfMemory, "not enough memory to open the image"};
}

Status Producer::decode_into(TensorView row, const OpenItem& opened, StripTimes& times) try {
  executor_.begin(opened.geometry, opened.orientation, row);
  for (int64_t now = wall_ns();;) {
    const Result<Strip> strip = opened.decoder->next_strip();
    const int64_t decoded = wall_ns();
    times.decode_ns += decoded - now;
    if (!strip) return strip.error();
    if (strip->rgb.size.height == 0) break;
    executor_.push(*strip);  // reads on to the end: a file that breaks below the crop is still a broken file
    now = wall_ns();
    times.preprocess_ns += now - decoded;
  }
  const int64_t before_finish = wall_ns();
  executor_.finish();
  times.preprocess_ns += wall_ns() - before_finish;
  return ok_status();
} catch (const std::bad_alloc&) {
  return ItemError{ItemErrorCode::kOutOfMemory, "not enough memory to decode the image"};
}

}  // namespace smol
