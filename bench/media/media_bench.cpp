// What reading costs, for `make bench-media`. Each command prints one JSON object.
//
//   media_bench tensor FILE... [--rounds N]            file in memory -> 224 x 224 f32 CHW, one core, ms a file
//   media_bench heif FILE...  [--rounds N]             as libheif decodes with libde265, ours, ours without filters;
//                                                      process CPU, ms a file
//   media_bench fidelity VIDEO [--rounds N]            decoding a video's frames in full, without loop filter,
//   references
//                                                      only; one core, ms a frame of the video, and PSNR
//   media_bench frames VIDEO RULE [--threads N]        frames by rule -> 224 x 224 f32 CHW, wall ms in all, index
//   included
#include <fmt/format.h>
#include <libheif/heif.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <mutex>
#include <string>
#include <vector>

#include "smol/base/clock.h"
#include "smol/base/error.h"
#include "smol/engine/pipeline.h"
#include "smol/media/decoder.h"
#include "smol/media/file_reader.h"
#include "smol/media/frame_rule.h"
#include "smol/media/heif_decoder.h"
#include "smol/media/heif_plugins.h"
#include "smol/media/video_index.h"
#include "smol/media/video_reader.h"
#include "smol/preproc/executor.h"

namespace smol {
namespace {

constexpr Size kInput{224, 224};

template <typename T>
T checked(Result<T> result, const std::string& what) {
  if (!result.ok()) throw Error(ErrorCode::kFailed, what + ": " + result.error().message);
  return std::move(*result);
}

double milliseconds(int64_t ns) { return static_cast<double>(ns) * 1e-6; }

void tensor(const std::vector<std::string>& files, int rounds) {
  FileReader reader;
  DecoderSet decoders;
  FusedExecutor executor(preset_graph("imagenet", kInput));
  const InputSpec& output = executor.output();
  AlignedBuffer out(output.item_bytes());
  const TensorView row{output.dtype, output.item_shape(), out.data()};
  double total = 0;
  for (const std::string& file : files) {
    const auto bytes = checked(reader.read(file, int64_t{1} << 30), file);
    int64_t best = std::numeric_limits<int64_t>::max();
    for (int round = 0; round < rounds; ++round) {
      const int64_t start = thread_cpu_ns();
      Decoder& decoder = *checked(decoders.decoder_for(bytes), file);
      const ImageInfo info = checked(decoder.inspect(bytes), file);
      DecodeSpec spec;
      spec.region = executor.needed_source_rect(info.displayed(), info.orientation);
      spec.read_to_end = true;
      executor.begin(checked(decoder.open(bytes, spec, {}), file), info.orientation, row);
      for (Strip strip = checked(decoder.next_strip(), file); strip.rgb.size.height > 0;
           strip = checked(decoder.next_strip(), file)) {
        executor.push(strip);
      }
      executor.finish();
      best = std::min(best, thread_cpu_ns() - start);
    }
    total += milliseconds(best);
  }
  fmt::print("{{\"ms\": {:.4f}}}\n", total / static_cast<double>(files.size()));
}

// What libheif does when it is left alone.
void decode_with_libde265(std::span<const std::byte> bytes) {
  heif_context* context = heif_context_alloc();
  heif_context_set_max_decoding_threads(context, 0);
  heif_context_read_from_memory_without_copy(context, bytes.data(), bytes.size(), nullptr);
  heif_image_handle* handle = nullptr;
  heif_context_get_primary_image_handle(context, &handle);
  heif_image* image = nullptr;
  const heif_error error =
      heif_decode_image(handle, &image, heif_colorspace_RGB, heif_chroma_interleaved_RGB, nullptr);
  if (error.code != heif_error_Ok) throw Error(ErrorCode::kFailed, error.message);
  heif_image_release(image);
  heif_image_handle_release(handle);
  heif_context_free(context);
}

void heif(const std::vector<std::string>& files, int rounds) {
  FileReader reader;
  const std::unique_ptr<Decoder> decoder = make_heif_decoder();
  Image picture;
  double total[3] = {};
  for (const std::string& file : files) {
    const auto bytes = checked(reader.read(file, int64_t{1} << 30), file);
    int64_t best[3] = {INT64_MAX, INT64_MAX, INT64_MAX};
    for (int round = 0; round < rounds; ++round) {
      for (int way = 0; way < 3; ++way) {
        const int64_t start = process_cpu_ns();
        step_aside_for_libheif(way == 0);
        if (way == 0) {
          decode_with_libde265(bytes);
        } else {
          checked(decode_image(*decoder, bytes, {.skip_filters = way == 2}, {}, picture), file);
        }
        best[way] = std::min(best[way], process_cpu_ns() - start);
      }
    }
    for (int way = 0; way < 3; ++way) total[way] += milliseconds(best[way]) / static_cast<double>(files.size());
  }
  fmt::print("{{\"libde265\": {:.3f}, \"full\": {:.3f}, \"no-filters\": {:.3f}}}\n", total[0], total[1], total[2]);
}

std::vector<std::span<const FrameRef>> groups_of(const std::vector<FrameRef>& frames) {
  std::vector<std::span<const FrameRef>> groups;
  for (size_t begin = 0; begin < frames.size();) {
    size_t end = begin + 1;
    while (!frames[end - 1].ends_group) ++end;
    groups.emplace_back(frames.data() + begin, end - begin);
    begin = end;
  }
  return groups;
}

// CPU time of decoding the picked frames, without colour conversion.
int64_t decode_ns(const std::string& path, const std::vector<FrameRef>& frames, const DecodeSpec& spec) {
  VideoReader reader;
  checked(reader.open(path, {}), path);
  const int64_t start = thread_cpu_ns();
  for (const auto group : groups_of(frames)) {
    checked(reader.start(group, spec), path);
    while (checked(reader.next_frame(), path) >= 0) {
    }
  }
  return thread_cpu_ns() - start;
}

// Of all frames of the first groups, RGB.
double psnr_db(const std::string& path, const std::vector<FrameRef>& frames, const DecodeSpec& spec) {
  constexpr int kGroups = 2;
  VideoReader exact;
  VideoReader fast;
  checked(exact.open(path, {}), path);
  checked(fast.open(path, {}), path);
  double squares = 0;
  double count = 0;
  const auto groups = groups_of(frames);
  for (size_t g = 0; g < std::min<size_t>(kGroups, groups.size()); ++g) {
    checked(exact.start(groups[g], {}), path);
    checked(fast.start(groups[g], spec), path);
    while (checked(exact.next_frame(), path) >= 0 && checked(fast.next_frame(), path) >= 0) {
      const Rect whole{0, 0, exact.frame_size().height, exact.frame_size().width};
      checked(exact.begin_picture(whole), path);
      checked(fast.begin_picture(whole), path);
      while (true) {
        const Strip a = checked(exact.next_strip(), path);
        const Strip b = checked(fast.next_strip(), path);
        if (a.rgb.size.height == 0) break;
        for (int y = 0; y < a.rgb.size.height; ++y) {
          for (int x = 0; x < a.rgb.size.width * 3; ++x) {
            const double difference = a.rgb.row(y)[x] - b.rgb.row(y)[x];
            squares += difference * difference;
          }
        }
        count += static_cast<double>(a.rgb.size.pixels()) * 3;
      }
    }
  }
  return squares == 0 ? 99 : 10 * std::log10(255.0 * 255.0 * count / squares);
}

void fidelity(const std::string& path, int rounds) {
  const VideoIndex index = checked(index_video(path, {}), path);
  const std::vector<FrameRef> all = pick_frames(index, {}, 0);
  const std::vector<FrameRef> references = pick_frames(index, parse_frame_rule("references"), 0);
  const DecodeSpec no_filters{.skip_filters = true};
  const DecodeSpec nonref{.skip_filters = true, .keep_reference_filters = true};
  struct Mode {
    const char* name;
    const std::vector<FrameRef>& frames;
    DecodeSpec spec;
    int64_t best_ns = INT64_MAX;
  };
  Mode modes[] = {{"full", all, {}},
                  {"no-filters=nonref", all, nonref},
                  {"no-filters", all, no_filters},
                  {"references", references, {}},
                  {"references+no-filters", references, no_filters}};
  for (int round = 0; round < rounds; ++round) {
    for (Mode& mode : modes) mode.best_ns = std::min(mode.best_ns, decode_ns(path, mode.frames, mode.spec));
  }
  fmt::print("{{");
  for (const Mode& mode : modes) {
    fmt::print("\"{}\": {:.4f}, ", mode.name, milliseconds(mode.best_ns) / static_cast<double>(all.size()));
  }
  fmt::print("\"frames\": {}, \"reference frames\": {}, \"nonref psnr\": {:.2f}, \"no-filters psnr\": {:.2f}}}\n",
             all.size(), references.size(), psnr_db(path, all, nonref), psnr_db(path, all, no_filters));
}

// A group at a time, as the engine's own source gives them out.
class FrameSource final : public ItemSource {
 public:
  FrameSource(std::string path, const std::vector<FrameRef>& frames) : path_(std::move(path)), frames_(frames) {}
  Next next(ItemRun& run) override {
    const std::lock_guard lock(mutex_);
    run.clear();
    for (; next_ < frames_.size(); ++next_) {
      if (!run.items().empty() && run.items().back().frame->ends_group) break;
      Item& item = run.append();
      item.ordinal = next_;
      item.path = path_;
      item.frame = frames_[next_];
    }
    return run.items().empty() ? Next::kEnd : Next::kItem;
  }
  void wait() override {}
  void stop() override {
    const std::lock_guard lock(mutex_);
    next_ = frames_.size();
  }

 private:
  const std::string path_;
  const std::vector<FrameRef>& frames_;
  std::mutex mutex_;
  size_t next_ = 0;
};

class DiscardingSink final : public RowSink {
 public:
  void add(Row&& row) override {
    if (!row.ok) throw Error(ErrorCode::kFailed, "a frame of the bench failed: " + row.path + ": " + row.error);
  }
};

// A DNN that takes no time.
class NoInference final : public Session {
 public:
  explicit NoInference(size_t item_bytes) : item_bytes_(item_bytes) {}
  int64_t batch_size() const override { return kBatch; }
  int max_in_flight() const override { return 2; }
  int64_t output_elements() const override { return 1; }
  AlignedBuffer allocate_slot() override { return AlignedBuffer(kBatch * item_bytes_); }
  void start(TensorView, std::span<float>, Completion done) override { done(ok_status()); }

 private:
  static constexpr int64_t kBatch = 8;
  const size_t item_bytes_;
};

void frames(const std::string& path, const std::string& rule, int threads) {
  const int64_t start = wall_ns();
  const VideoIndex index = checked(index_video(path, {}), path);
  const std::vector<FrameRef> picked = pick_frames(index, parse_frame_rule(rule), 0);
  PipelineSettings settings;
  settings.graph = preset_graph("imagenet", kInput);
  settings.producers = threads;
  settings.topk = 1;
  NoInference nothing(output_spec(settings.graph).item_bytes());
  FrameSource source(path, picked);
  DiscardingSink sink;
  LiveCounters live;
  run_pipeline(settings, nothing, source, sink, live);
  fmt::print("{{\"ms\": {:.3f}, \"frames\": {}}}\n", milliseconds(wall_ns() - start), picked.size());
}

int run(std::vector<std::string> arguments) {
  int rounds = 5;
  int threads = 2;
  for (size_t i = 0; i + 1 < arguments.size();) {
    int* option = arguments[i] == "--rounds" ? &rounds : arguments[i] == "--threads" ? &threads : nullptr;
    if (option == nullptr) {
      ++i;
      continue;
    }
    *option = std::stoi(arguments[i + 1]);
    arguments.erase(arguments.begin() + static_cast<ptrdiff_t>(i), arguments.begin() + static_cast<ptrdiff_t>(i) + 2);
  }
  const std::string command = arguments.empty() ? "" : arguments[0];
  if (command == "tensor" && arguments.size() > 1) {
    tensor({arguments.begin() + 1, arguments.end()}, rounds);
  } else if (command == "heif" && arguments.size() > 1) {
    heif({arguments.begin() + 1, arguments.end()}, rounds);
  } else if (command == "fidelity" && arguments.size() == 2) {
    fidelity(arguments[1], rounds);
  } else if (command == "frames" && arguments.size() == 3) {
    frames(arguments[1], arguments[2], threads);
  } else {
    fmt::print(stderr, "usage: media_bench tensor FILE... | heif FILE... | fidelity VIDEO | frames VIDEO RULE\n");
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace smol

int main(int argc, char** argv) {
  try {
    return smol::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    fmt::print(stderr, "media_bench: {}\n", error.what());
    return 1;
  }
}
