// What preparing a JPEG costs us, on one core, for `make bench-preproc`. Each command prints one JSON object.
//
//   preproc_paths jpeg DECODE ROUNDS FILE...     file in memory -> 224 x 224 f32 CHW (imagenet), ms a file
//   preproc_paths pixels GRAPH ROUNDS FILE...    the same from decoded pixels, in strips of 16 rows; GRAPH is
//                                                antialias or plain (two pixels a side, as OpenCV's INTER_LINEAR)
//   preproc_paths quality DECODE FILE...         mean absolute difference from the full decode, of 255, before
//                                                normalisation
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "smol/base/clock.h"
#include "smol/base/error.h"
#include "smol/media/decoder.h"
#include "smol/media/file_reader.h"
#include "smol/preproc/executor.h"

namespace smol {
namespace {

constexpr Size kInput{224, 224};
constexpr int kStripRows = 16;

template <typename T>
T checked(Result<T> result, const std::string& what) {
  if (!result.ok()) throw Error(ErrorCode::kFailed, what + ": " + result.error().message);
  return std::move(*result);
}

Rect union_of(const Rect& a, const Rect& b) {
  return {std::min(a.top, b.top), std::min(a.left, b.left), std::max(a.bottom, b.bottom), std::max(a.right, b.right)};
}

// A picture's way to the DNN input, as the engine's producers take it.
class Path {
 public:
  Path(const PreprocGraph& graph, DecodeSpec spec) : executor_(graph), spec_(spec) {
    out_.ensure(executor_.output().item_bytes());
  }

  void run(std::span<const std::byte> bytes, const std::string& file) {
    Decoder& decoder = *checked(decoders_.decoder_for(bytes), file);
    const ImageInfo info = checked(decoder.inspect(bytes), file);
    DecodeSpec spec = spec_;
    spec.region = executor_.needed_source_rect(info.displayed(), info.orientation);
    for (int denominator = spec.scale_denominator; denominator > 1; denominator /= 2) {
      spec.region =
          union_of(*spec.region, executor_.needed_source_rect(info.displayed(), info.orientation, denominator));
    }
    spec.read_to_end = true;
    executor_.begin(checked(decoder.open(bytes, spec, {}), file), info.orientation, tensor());
    for (Strip strip = checked(decoder.next_strip(), file); strip.rgb.size.height > 0;
         strip = checked(decoder.next_strip(), file)) {
      executor_.push(strip);
    }
    executor_.finish();
  }

  void run_pixels(ConstImageView rgb) {
    const Size size = rgb.size;
    executor_.begin({size, {0, 0, size.height, size.width}, 1, size}, Orientation::kUpright, tensor());
    for (int row = 0; row < size.height; row += kStripRows) {
      const int rows = std::min(kStripRows, size.height - row);
      if (executor_.push({row, {rgb.row(row), {rows, size.width}, 3, rgb.stride_bytes}})) break;
    }
    executor_.finish();
  }

  TensorView tensor() { return {executor_.output().dtype, executor_.output().item_shape(), out_.data()}; }

 private:
  DecoderSet decoders_;
  FusedExecutor executor_;
  const DecodeSpec spec_;
  AlignedBuffer out_;
};

PreprocGraph imagenet(bool antialias) {
  PreprocGraph graph = preset_graph("imagenet", kInput);
  std::get<ResizeOp>(graph.ops[0]).antialias = antialias;
  return graph;
}

template <typename Work>
double best_ms(int rounds, Work work) {
  int64_t best = std::numeric_limits<int64_t>::max();
  for (int round = 0; round < rounds; ++round) {
    const int64_t start = thread_cpu_ns();
    work();
    best = std::min(best, thread_cpu_ns() - start);
  }
  return static_cast<double>(best) * 1e-6;
}

void print_mean_ms(double total, size_t files) {
  fmt::print("{{\"ms\": {:.4f}}}\n", total / static_cast<double>(files));
}

void jpeg(const DecodeSpec& spec, int rounds, const std::vector<std::string>& files) {
  FileReader reader;
  Path path(imagenet(true), spec);
  double total = 0;
  for (const std::string& file : files) {
    const auto bytes = checked(reader.read(file, int64_t{1} << 30), file);
    total += best_ms(rounds, [&] { path.run(bytes, file); });
  }
  print_mean_ms(total, files.size());
}

void pixels(const std::string& graph, int rounds, const std::vector<std::string>& files) {
  FileReader reader;
  DecoderSet decoders;
  Path path(imagenet(graph == "antialias"), {});
  Image picture;
  double total = 0;
  for (const std::string& file : files) {
    const auto bytes = checked(reader.read(file, int64_t{1} << 30), file);
    checked(decode_image(*checked(decoders.decoder_for(bytes), file), bytes, {}, {}, picture), file);
    total += best_ms(rounds, [&] { path.run_pixels(std::as_const(picture).view()); });
  }
  print_mean_ms(total, files.size());
}

void quality(const DecodeSpec& spec, const std::vector<std::string>& files) {
  PreprocGraph u8 = imagenet(true);
  u8.ops.resize(2);  // resize, crop
  FileReader reader;
  Path full(u8, {});
  Path other(u8, spec);
  double sum = 0;
  double worst = 0;
  size_t count = 0;
  for (const std::string& file : files) {
    const auto bytes = checked(reader.read(file, int64_t{1} << 30), file);
    full.run(bytes, file);
    other.run(bytes, file);
    const size_t elements = full.tensor().bytes();
    for (size_t i = 0; i < elements; ++i) {
      const double difference = std::abs(int{full.tensor().u8()[i]} - int{other.tensor().u8()[i]});
      sum += difference;
      worst = std::max(worst, difference);
    }
    count += elements;
  }
  fmt::print("{{\"mean\": {:.4f}, \"worst\": {}}}\n", sum / static_cast<double>(count), worst);
}

int run(const std::vector<std::string>& words) {
  const std::string command = words.empty() ? "" : words[0];
  const auto files_from = [&](size_t first) {
    return std::vector<std::string>(words.begin() + static_cast<ptrdiff_t>(first), words.end());
  };
  if (command == "jpeg" && words.size() > 3) {
    jpeg(parse_decode_spec(words[1]), std::stoi(words[2]), files_from(3));
  } else if (command == "pixels" && words.size() > 3) {
    pixels(words[1], std::stoi(words[2]), files_from(3));
  } else if (command == "quality" && words.size() > 2) {
    quality(parse_decode_spec(words[1]), files_from(2));
  } else {
    fmt::print(stderr,
               "usage: preproc_paths jpeg DECODE ROUNDS FILE... | pixels antialias|plain ROUNDS FILE... | "
               "quality DECODE FILE...\n");
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
    fmt::print(stderr, "preproc_paths: {}\n", error.what());
    return 1;
  }
}
