// One producer thread's work: file -> bytes -> strips -> batch slot row.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "smol/base/decode_spec.h"
#include "smol/engine/batch_ring.h"
#include "smol/engine/engine_means.h"
#include "smol/engine/item_source.h"
#include "smol/engine/stage_clock.h"
#include "smol/media/decoder.h"
#include "smol/media/file_reader.h"
#include "smol/media/video_reader.h"
#include "smol/plan/input_format.h"
#include "smol/preproc/executor.h"
#include "smol/preproc/pass_executor.h"

namespace smol {

// Not thread-safe: one object a thread. Allocates nothing per item once it has seen the sizes.
class Producer {
 public:
  // `formats`: of renditions that are decoded in another way than `spec`. `uniform_input`: the size, upright, of
  // every picture that the graph takes; others become error rows. Nothing: it takes any.
  Producer(const PreprocGraph& graph, const DecodeSpec& spec, const DecodeLimits& limits,
           std::span<const InputFormat> formats = {}, std::optional<Size> uniform_input = {},
           const EngineMeans& means = {})
      : default_spec_(spec),
        formats_(formats.begin(), formats.end()),
        uniform_input_(uniform_input),
        spec_(spec),
        limits_(limits),
        means_(means),
        executor_(graph) {
    if (!means.fusion) passes_.emplace(graph);
  }

  // Reads the run's file once, decodes what its items need, and preprocesses each into a row of the ring. A bad file
  // becomes an error row for each item in `sink`. Returns false if the ring was aborted.
  bool produce(const ItemRun& run, BatchRing& ring, RowSink& sink);

  const StageTimes& times() const { return times_; }
  StageTimes& times() { return times_; }

 private:
  // A file whose header was read and whose decoder stands before the first row.
  struct OpenItem {
    Decoder* decoder = nullptr;
    DecodedGeometry geometry;
    Orientation orientation = Orientation::kUpright;
  };
  // Wall time of the two halves of a strip's way; the thread's CPU time is divided in their proportion.
  struct StripTimes {
    int64_t decode_ns = 0;
    int64_t preprocess_ns = 0;
  };
  bool produce_whole(const Item& item, std::span<const std::byte> bytes, BatchRing& ring, RowSink& sink);
  bool produce_regions(const ItemRun& run, std::span<const std::byte> bytes, BatchRing& ring, RowSink& sink);
  // The slot row for an item, filled but for its pixels; waiting is counted. Null slot: the ring was aborted.
  ClaimedRow claim_for(const Item& item, Size displayed, BatchRing& ring);
  const DecodeSpec& spec_of(const Item& item) const;
  DecodeSpec spec_for(const ImageInfo& info) const;
  Status check_size(Size displayed) const;
  Result<OpenItem> open(std::span<const std::byte> bytes, Size& displayed);
  Status decode_into(TensorView row, const DecodedGeometry& geometry, Orientation orientation, StripSource& source,
                     StripTimes& times);
  // The same without EngineMeans::fusion: the whole picture, then operation by operation.
  Status decode_then_run(TensorView row, const OpenItem& item, StripTimes& times);
  void count_strips(const StripTimes& strips, int64_t cpu_ns);

  bool produce_frames(const ItemRun& run, BatchRing& ring, RowSink& sink);
  bool produce_group(std::span<const Item> items, BatchRing& ring, RowSink& sink, StripTimes& strips);
  bool produce_frame(const Item& item, Size displayed, BatchRing& ring, RowSink& sink, StripTimes& strips);

  // What covers the run's regions, upright; `covered` is its place in the displayed picture.
  Result<ConstImageView> decode_regions(const ItemRun& run, std::span<const std::byte> bytes, Size& displayed,
                                        Rect& covered);

  const DecodeSpec default_spec_;
  const std::vector<InputFormat> formats_;
  const std::optional<Size> uniform_input_;
  DecodeSpec spec_;  // of the run at hand
  const DecodeLimits limits_;
  const EngineMeans means_;
  FileReader reader_;
  DecoderSet decoders_;
  VideoReader video_;
  std::vector<FrameRef> frames_;  // of the group at hand
  FusedExecutor executor_;
  std::optional<PassExecutor> passes_;  // without EngineMeans::fusion
  Image picture_;                       // of runs of regions: decoded once for all of them; and of decode_then_run()
  Image upright_;                       // the same, turned as EXIF says
  StageTimes times_;
};

}  // namespace smol
