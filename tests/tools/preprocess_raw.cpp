// Runs a preprocessing graph over raw pixels, for tests in other languages.
//
//   preprocess_raw HEIGHT WIDTH fused|reference OPERATION... < rgb.raw > tensor.raw
//
// Operations, in order: preset=imagenet:224x224  resize=256  resize=240x320  long=256  filter=bicubic (of the last
// resize)  antialias=off, opencv (same)  crop=224x224  box=TOP,LEFT,BOTTOM,RIGHT  flip=rows  flip=columns  grey=1
// pad=300x300:114  pad_corner=300x300:114  bgr  rgb  f32 normalise=SCALE,M,M,M,S,S,S  chw  hwc  orientation=6
// strip=ROWS
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "smol/preproc/executor.h"

namespace {

using namespace smol;

Size parse_size(const std::string& text) {
  Size size;
  if (std::sscanf(text.c_str(), "%dx%d", &size.height, &size.width) != 2)
    throw std::runtime_error("bad size: " + text);
  return size;
}

struct Job {
  PreprocGraph graph;
  Orientation orientation = Orientation::kUpright;
  int strip_rows = 0;  // 0: all at once

  ResizeOp& last_resize() { return std::get<ResizeOp>(graph.ops.back()); }

  void add(const std::string& argument) {
    const size_t equals = argument.find('=');
    const std::string key = argument.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : argument.substr(equals + 1);
    if (key == "preset") {
      const size_t colon = value.find(':');
      graph = preset_graph(value.substr(0, colon), parse_size(value.substr(colon + 1)));
    } else if (key == "resize" && value.find('x') != std::string::npos) {
      graph.ops.push_back(ResizeOp{ResizeRule::kExact, 0, parse_size(value)});
    } else if (key == "resize") {
      graph.ops.push_back(ResizeOp{ResizeRule::kShortSide, std::stoi(value), {}});
    } else if (key == "filter") {
      for (const ResizeFilter filter :
           {ResizeFilter::kBilinear, ResizeFilter::kBicubic, ResizeFilter::kNearest, ResizeFilter::kArea}) {
        if (value == name(filter)) last_resize().filter = filter;
      }
      if (value == "nearest") last_resize().antialias = false;
    } else if (key == "long") {
      ResizeOp resize;
      resize.rule = ResizeRule::kLongSide;
      resize.long_side = std::stoi(value);
      graph.ops.push_back(resize);
    } else if (key == "opencv") {
      last_resize().convention = ResizeConvention::kOpenCv;
      last_resize().antialias = last_resize().filter == ResizeFilter::kArea;
    } else if (key == "box") {
      CropOp op;
      if (std::sscanf(value.c_str(), "%d,%d,%d,%d", &op.rect.top, &op.rect.left, &op.rect.bottom, &op.rect.right) !=
          4)
        throw std::runtime_error("bad box: " + value);
      graph.ops.push_back(op);
    } else if (key == "flip") {
      graph.ops.push_back(FlipOp{value == "columns", value == "rows"});
    } else if (key == "grey") {
      graph.ops.push_back(ReorderChannelsOp{ChannelOrder::kGrey, std::stoi(value)});
    } else if (key == "antialias") {
      last_resize().antialias = value != "off";
    } else if (key == "crop") {
      graph.ops.push_back(CenterCropOp{parse_size(value)});
    } else if (key == "pad" || key == "pad_corner") {
      const int fill = std::stoi(value.substr(value.find(':') + 1));
      graph.ops.push_back(PadOp{parse_size(value), static_cast<uint8_t>(fill), key == "pad"});
    } else if (key == "bgr" || key == "rgb") {
      graph.ops.push_back(ReorderChannelsOp{key == "bgr" ? ChannelOrder::kBgr : ChannelOrder::kRgb});
    } else if (key == "f32") {
      graph.ops.push_back(ConvertOp{});
    } else if (key == "normalise") {
      NormaliseOp op;
      if (std::sscanf(value.c_str(), "%f,%f,%f,%f,%f,%f,%f", &op.scale, &op.mean[0], &op.mean[1], &op.mean[2],
                      &op.std[0], &op.std[1], &op.std[2]) != 7) {
        throw std::runtime_error("bad normalise: " + value);
      }
      graph.ops.push_back(op);
    } else if (key == "chw" || key == "hwc") {
      graph.ops.push_back(ReorderLayoutOp{key == "chw" ? Layout::kCHW : Layout::kHWC});
    } else if (key == "orientation") {
      orientation = static_cast<Orientation>(std::stoi(value));
    } else if (key == "strip") {
      strip_rows = std::stoi(value);
    } else {
      throw std::runtime_error("unknown operation: " + argument);
    }
  }
};

void run_in_strips(FusedExecutor& executor, ConstImageView rgb, const Job& job, TensorView out) {
  const Size size = rgb.size;
  executor.begin({size, {0, 0, size.height, size.width}, 1, size}, job.orientation, out);
  for (int row = 0; row < size.height; row += job.strip_rows) {
    const int rows = std::min(job.strip_rows, size.height - row);
    if (executor.push({row, {rgb.row(row), {rows, size.width}, 3, rgb.stride_bytes}})) break;
  }
  executor.finish();
}

int run(int argc, char** argv) {
  if (argc < 4)
    throw std::runtime_error("usage: preprocess_raw HEIGHT WIDTH fused|reference OPERATION... < rgb > out");
  const Size size{std::atoi(argv[1]), std::atoi(argv[2])};
  Job job;
  for (int i = 4; i < argc; ++i) job.add(argv[i]);

  std::vector<uint8_t> pixels(static_cast<size_t>(size.pixels()) * 3);
  if (std::fread(pixels.data(), 1, pixels.size(), stdin) != pixels.size()) throw std::runtime_error("too few pixels");
  const ConstImageView rgb(pixels.data(), size, 3, ptrdiff_t{size.width} * 3);

  const InputSpec spec = output_spec(job.graph);
  std::vector<std::byte> tensor(spec.item_bytes());
  const TensorView out{spec.dtype, spec.item_shape(), tensor.data()};
  if (std::strcmp(argv[3], "reference") == 0) {
    ReferenceExecutor(job.graph).run(rgb, job.orientation, out);
  } else {
    FusedExecutor executor(job.graph);
    if (job.strip_rows > 0) {
      run_in_strips(executor, rgb, job, out);
    } else {
      executor.run(rgb, job.orientation, out);
    }
  }
  return std::fwrite(tensor.data(), 1, tensor.size(), stdout) == tensor.size() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 2;
  }
}
