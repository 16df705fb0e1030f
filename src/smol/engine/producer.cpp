#include "smol/engine/producer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "smol/base/clock.h"
#include "smol/base/error.h"
#include "smol/base/orient.h"
#include "smol/base/time_limit.h"
#include "smol/engine/item_row.h"

namespace smol {
namespace {

bool is_within(const Rect& region, Size size) {
  return region.top >= 0 && region.left >= 0 && region.top < region.bottom && region.left < region.right &&
         region.bottom <= size.height && region.right <= size.width;
}

// An empty rectangle adds nothing.
Rect union_of(const Rect& a, const Rect& b) {
  if (a == Rect{}) return b;
  return {std::min(a.top, b.top), std::min(a.left, b.left), std::max(a.bottom, b.bottom), std::max(a.right, b.right)};
}

}  // namespace

bool Producer::produce(const ItemRun& run, BatchRing& ring, RowSink& sink) {
  spec_ = spec_of(run.first());
  if (run.first().frame) return produce_frames(run, ring, sink);
  const int64_t wall_start = wall_ns();
  const int64_t cpu_start = thread_cpu_ns();
  const Result<std::span<const std::byte>> bytes = reader_.read(run.first().path, limits_.max_file_bytes);
  const int64_t cpu_ns = thread_cpu_ns() - cpu_start;
  times_.read_ns += cpu_ns;
  times_.read_wait_ns += std::max<int64_t>(0, (wall_ns() - wall_start) - cpu_ns);
  if (!bytes) {
    for (const Item& item : run.items()) sink.add(error_row(item, bytes.error(), {}));
    return true;
  }
  return run.first().region ? produce_regions(run, *bytes, ring, sink)
                            : produce_whole(run.first(), *bytes, ring, sink);
}

bool Producer::produce_whole(const Item& item, std::span<const std::byte> bytes, BatchRing& ring, RowSink& sink) {
  const int64_t cpu_start = thread_cpu_ns();
  Size displayed;
  const Result<OpenItem> opened = open(bytes, displayed);
  if (!opened) {
    sink.add(error_row(item, opened.error(), displayed));
    times_.decode_ns += thread_cpu_ns() - cpu_start;
    return true;
  }
  // Claimed only now: a file with a bad header takes no room in a batch.
  const ClaimedRow claimed = claim_for(item, displayed, ring);
  if (claimed.slot == nullptr) return false;
  StripTimes strips;
  const TensorView row = ring.row_tensor(claimed);
  const Status status = passes_ ? decode_then_run(row, *opened, strips)
                                : decode_into(row, opened->geometry, opened->orientation, *opened->decoder, strips);
  if (!status.ok()) sink.add(error_row(item, status.error(), displayed));
  count_strips(strips, thread_cpu_ns() - cpu_start);
  ring.complete(claimed, status.ok());
  return true;
}

void Producer::count_strips(const StripTimes& strips, int64_t cpu_ns) {
  const double preprocess_share =
      static_cast<double>(strips.preprocess_ns) / static_cast<double>(strips.decode_ns + strips.preprocess_ns + 1);
  const auto preprocess_ns = static_cast<int64_t>(preprocess_share * static_cast<double>(cpu_ns));
  times_.preprocess_ns += preprocess_ns;
  times_.decode_ns += cpu_ns - preprocess_ns;
}

bool Producer::produce_regions(const ItemRun& run, std::span<const std::byte> bytes, BatchRing& ring, RowSink& sink) {
  const int64_t cpu_start = thread_cpu_ns();
  Size displayed;
  Rect covered;
  const Result<ConstImageView> picture = decode_regions(run, bytes, displayed, covered);
  const int64_t cpu_decoded = thread_cpu_ns();
  times_.decode_ns += cpu_decoded - cpu_start;
  for (const Item& item : run.items()) {
    if (!picture) {
      sink.add(error_row(item, picture.error(), displayed));
      continue;
    }
    const Rect& region = *item.region;
    if (!is_within(region, displayed)) {
      sink.add(error_row(item, {ItemErrorCode::kBadRegion, "the region is not within the picture"}, displayed));
      continue;
    }
    const ClaimedRow claimed = claim_for(item, displayed, ring);
    if (claimed.slot == nullptr) return false;
    const ConstImageView part(picture->row(region.top - covered.top) + ptrdiff_t{region.left - covered.left} * 3,
                              region.size(), 3, picture->stride_bytes);
    executor_.run(part, Orientation::kUpright, ring.row_tensor(claimed));
    ring.complete(claimed, true);
  }
  times_.preprocess_ns += thread_cpu_ns() - cpu_decoded;
  return true;
}

ClaimedRow Producer::claim_for(const Item& item, Size displayed, BatchRing& ring) {
  const int64_t wait_start = wall_ns();
  const ClaimedRow claimed = ring.claim();
  times_.slot_wait_ns += wall_ns() - wait_start;
  if (claimed.slot == nullptr) return claimed;
  SlotRow& row = claimed.slot->rows[static_cast<size_t>(claimed.row)];
  row.item = item;
  row.displayed = displayed;
  return claimed;
}

Result<ConstImageView> Producer::decode_regions(const ItemRun& run, std::span<const std::byte> bytes, Size& displayed,
                                                Rect& covered) try {
  const Result<Decoder*> decoder = decoders_.decoder_for(bytes);
  if (!decoder) return decoder.error();
  const Result<ImageInfo> info = (*decoder)->inspect(bytes);
  if (!info) return info.error();
  displayed = info->displayed();
  Rect wanted;
  for (const Item& item : run.items()) {
    if (is_within(*item.region, displayed)) wanted = union_of(wanted, *item.region);
  }
  if (wanted == Rect{}) return ConstImageView{};  // every item will say that its region is bad
  DecodeSpec spec = spec_;
  // Turned pictures are decoded whole: few are, and their regions would have to be turned back first.
  const bool upright = info->orientation == Orientation::kUpright;
  if (upright) spec.region = wanted;
  const Result<DecodedGeometry> geometry = decode_image(**decoder, bytes, spec, limits_, picture_);
  if (!geometry) return geometry.error();
  if (upright) {
    covered = geometry->covers;
    return std::as_const(picture_).view();
  }
  covered = {0, 0, displayed.height, displayed.width};
  upright_.resize(displayed, 3);
  orient(std::as_const(picture_).view(), info->orientation, upright_.view());
  return std::as_const(upright_).view();
} catch (const std::bad_alloc&) {
  return ItemError{ItemErrorCode::kOutOfMemory, "not enough memory to decode the image"};
}

Result<Producer::OpenItem> Producer::open(std::span<const std::byte> bytes, Size& displayed) try {
  const Result<Decoder*> decoder = decoders_.decoder_for(bytes);
  if (!decoder) return decoder.error();
  const Result<ImageInfo> info = (*decoder)->inspect(bytes);
  if (!info) return info.error();
  displayed = info->displayed();
  if (Status status = check_size(displayed); !status.ok()) return status.error();
  const Result<DecodedGeometry> geometry = (*decoder)->open(bytes, spec_for(*info), limits_);
  if (!geometry) return geometry.error();
  return OpenItem{*decoder, *geometry, info->orientation};
} catch (const std::bad_alloc&) {
  return ItemError{ItemErrorCode::kOutOfMemory, "not enough memory to open the image"};
}

Status Producer::check_size(Size displayed) const {
  if (!uniform_input_ || displayed == *uniform_input_) return ok_status();
  return ItemError{ItemErrorCode::kSizeDiffers,
                   fmt::format("the cut takes pictures of {}x{} only, this one has {}x{}", uniform_input_->height,
                               uniform_input_->width, displayed.height, displayed.width)};
}

const DecodeSpec& Producer::spec_of(const Item& item) const {
  for (const InputFormat& format : formats_) {
    if (format.rendition == item.rendition) return format.decode;
  }
  return default_spec_;
}

// What the crop does not need is read and checked, but not transformed, upsampled or converted: the same bits for
// less work (docs/architecture.md, "The crop moves into the decoder").
DecodeSpec Producer::spec_for(const ImageInfo& info) const {
  DecodeSpec spec = spec_;
  const bool has_pixels =
      info.stored.height > 0 && info.stored.width > 0 && info.stored.pixels() <= limits_.max_pixels;
  // A thumbnail is a picture of its own: regions of the full-size one say nothing about it.
  const bool from_thumbnail = spec.thumbnail && info.thumbnail.pixels() > 0;
  if (!spec.region && has_pixels && !from_thumbnail && means_.crop_in_decoder && means_.fusion) {
    // A decoder that cannot scale that far decodes larger, and filters reach for other pixels at each scale.
    Rect needed;
    for (int denominator = spec.scale_denominator; denominator >= 1; denominator /= 2) {
      needed = union_of(needed, executor_.needed_source_rect(info.displayed(), info.orientation, denominator));
    }
    spec.region = needed;
    spec.read_to_end = true;
  }
  return spec;
}

Status Producer::decode_then_run(TensorView row, const OpenItem& item, StripTimes& times) try {
  const int64_t start = wall_ns();
  picture_.resize(item.geometry.size, 3);
  const ImageView to = picture_.view();
  while (true) {
    const Result<Strip> strip = item.decoder->next_strip();
    if (!strip) return strip.error();
    const ConstImageView& rgb = strip->rgb;
    if (rgb.size.height == 0) break;
    for (int y = 0; y < rgb.size.height; ++y) {
      std::memcpy(to.row(strip->first_row + y), rgb.row(y), static_cast<size_t>(rgb.size.width) * 3);
    }
  }
  const int64_t decoded = wall_ns();
  const bool has_passes = passes_->run(std::as_const(picture_).view(), item.orientation, row);
  times.decode_ns += decoded - start;
  times.preprocess_ns += wall_ns() - decoded;
  if (!has_passes) throw Error(ErrorCode::kUsage, "operations of the graph have no pass of their own");
  return ok_status();
} catch (const std::bad_alloc&) {
  return ItemError{ItemErrorCode::kOutOfMemory, "not enough memory to decode the image"};
}

Status Producer::decode_into(TensorView row, const DecodedGeometry& geometry, Orientation orientation,
                             StripSource& source, StripTimes& times) try {
  executor_.begin(geometry, orientation, row);
  const TimeLimit limit(limits_.max_seconds);
  for (int64_t now = wall_ns();;) {
    const Result<Strip> strip = source.next_strip();
    const int64_t decoded = wall_ns();
    times.decode_ns += decoded - now;
    if (!strip) return strip.error();
    if (strip->rgb.size.height == 0) break;
    if (limit.is_over()) return time_limit_error();
    executor_.push(*strip);  // to the last strip: a file that breaks below the crop is still a broken file
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
