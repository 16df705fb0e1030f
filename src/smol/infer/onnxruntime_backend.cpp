#include <fmt/format.h>
#include <onnxruntime_cxx_api.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "smol/base/error.h"
#include "smol/infer/backend.h"
#include "smol/infer/onnxruntime_suffix.h"

namespace smol {
namespace {

constexpr const char* kFamily = "ExecutionProvider";

std::string one_line(std::string_view text) { return std::string(text.substr(0, text.find('\n'))); }

// "CUDAExecutionProvider" -> "cuda".
std::string short_name(std::string provider) {
  if (provider.ends_with(kFamily)) provider.resize(provider.size() - std::string_view(kFamily).size());
  std::transform(provider.begin(), provider.end(), provider.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return provider;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

ONNXTensorElementDataType element_type(DType dtype) {
  switch (dtype) {
    case DType::kU8: return ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8;
    case DType::kF16: return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16;
    case DType::kF32: return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
  }
  return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
}

// What the file declares; axes that may vary are -1.
struct Port {
  std::string name;
  ONNXTensorElementDataType type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  std::vector<int64_t> shape;
  std::string shape_text() const {
    std::string text;
    for (const int64_t axis : shape) text += (text.empty() ? "" : ",") + (axis < 0 ? "?" : std::to_string(axis));
    return "[" + text + "]";
  }
};

Port port_of(std::string name, const Ort::TypeInfo& info) {
  Port port{std::move(name), {}, {}};
  if (info.GetONNXType() != ONNX_TYPE_TENSOR) return port;
  const Ort::ConstTensorTypeAndShapeInfo tensor = info.GetTensorTypeAndShapeInfo();
  port.type = tensor.GetElementType();
  port.shape = tensor.GetShape();
  return port;
}

const Port& pick(const std::vector<Port>& ports, const std::string& wanted, const char* what,
                 const std::string& file) {
  std::string names;
  for (const Port& port : ports) {
    if (wanted.empty() ? ports.size() == 1 : port.name == wanted) return port;
    names += (names.empty() ? "" : ", ") + port.name;
  }
  throw Error(ErrorCode::kUsage, wanted.empty()
                                     ? fmt::format("the model has {} {}s, name one in the manifest ({}): {}",
                                                   ports.size(), what, names, file)
                                     : fmt::format("the model has no {} {}, only {}: {}", what, wanted, names, file));
}

InputSpec picture_input(const Port& port, const std::string& file) {
  const auto refuse = [&](const char* why) {
    return Error(ErrorCode::kUsage, fmt::format("the model's input is not a picture ({}; its shape is {}): {}", why,
                                                port.shape_text(), file));
  };
  if (port.shape.size() != 4) throw refuse("four axes are needed");
  if (std::any_of(port.shape.begin() + 1, port.shape.end(), [](int64_t axis) { return axis < 1; }))
    throw refuse("only the batch axis may be dynamic");
  InputSpec spec;
  if (port.type == ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8) {
    spec.dtype = DType::kU8;
  } else if (port.type != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT) {
    throw refuse("f32 or u8 is needed");
  }
  spec.layout = port.shape[1] == 3 ? Layout::kCHW : Layout::kHWC;
  if (spec.layout == Layout::kHWC && port.shape[3] != 3) throw refuse("three channels are needed");
  const size_t height = spec.layout == Layout::kCHW ? 2 : 1;
  spec.height = static_cast<int>(port.shape[height]);
  spec.width = static_cast<int>(port.shape[height + 1]);
  return spec;
}

int64_t elements_per_item(const Port& port, const std::string& file) {
  if (port.type != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT) {
    throw Error(ErrorCode::kUsage,
                fmt::format("the model's output {} is not f32; the openvino backend converts: {}", port.name, file));
  }
  if (port.shape.empty() || port.shape.size() > 4) {
    throw Error(ErrorCode::kUsage,
                fmt::format("the model's output must have one to four axes, the first for the batch "
                            "({}): {}",
                            port.shape_text(), file));
  }
  int64_t elements = 1;
  for (size_t axis = 1; axis < port.shape.size(); ++axis) {
    if (port.shape[axis] < 1) {
      throw Error(ErrorCode::kUsage,
                  fmt::format("the model's output has no fixed size ({}): {}", port.shape_text(), file));
    }
    elements *= port.shape[axis];
  }
  return elements;
}

struct Binding {
  std::string input;
  std::string output;
  Shape item_output;         // one item of the output, without the batch axis
  int64_t batch_of_one_run;  // of the model, if that is fixed; else the session's
};

// Threads of our own, one a stream: each runs whole batches on itself (ONNX Runtime's pools are off).
class OnnxRuntimeSession final : public Session {
 public:
  OnnxRuntimeSession(Ort::Session session, SessionOptions options, Binding binding, int64_t output_elements)
      : session_(std::move(session)),
        options_(std::move(options)),
        binding_(std::move(binding)),
        output_elements_(output_elements) {
    for (int i = 0; i < options_.streams; ++i) threads_.emplace_back([this] { serve(); });
  }

  ~OnnxRuntimeSession() override {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
  }

  int64_t batch_size() const override { return options_.batch_size; }
  int max_in_flight() const override { return options_.streams + 1; }
  int64_t output_elements() const override { return output_elements_; }
  AlignedBuffer allocate_slot() override {
    return AlignedBuffer(static_cast<size_t>(options_.batch_size) * options_.slot.item_bytes());
  }

  void start(TensorView input, std::span<float> output, Completion done) override {
    {
      const std::lock_guard lock(mutex_);
      queue_.push_back({input, output, std::move(done)});
    }
    changed_.notify_one();
  }

 private:
  struct Request {
    TensorView input;
    std::span<float> output;
    Completion done;
  };

  void serve() {
    while (true) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return ended_ || !queue_.empty(); });
      if (queue_.empty()) return;
      Request request = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      request.done(run(request));
    }
  }

  Status run(const Request& request) {
    try {
      for (int64_t first = 0; first < options_.batch_size; first += binding_.batch_of_one_run) run(request, first);
      return ok_status();
    } catch (const Ort::Exception& error) {
      return ItemError{ItemErrorCode::kInferenceFailed, one_line(error.what())};
    }
  }

  void run(const Request& request, int64_t first) {
    const int64_t batch = binding_.batch_of_one_run;
    const Shape input_shape = options_.slot.batch_shape(batch);
    const size_t input_bytes = static_cast<size_t>(batch) * options_.slot.item_bytes();
    std::array<int64_t, 4> output_shape{batch};
    std::copy_n(binding_.item_output.axes.begin(), binding_.item_output.rank, output_shape.begin() + 1);
    const Ort::Value input = Ort::Value::CreateTensor(
        memory_, request.input.data + static_cast<size_t>(first) * options_.slot.item_bytes(), input_bytes,
        input_shape.axes.data(), static_cast<size_t>(input_shape.rank), element_type(options_.slot.dtype));
    Ort::Value output = Ort::Value::CreateTensor<float>(
        memory_, request.output.data() + first * output_elements_, static_cast<size_t>(batch * output_elements_),
        output_shape.data(), static_cast<size_t>(binding_.item_output.rank) + 1);
    const char* input_name = binding_.input.c_str();
    const char* output_name = binding_.output.c_str();
    session_.Run(Ort::RunOptions{nullptr}, &input_name, &input, 1, &output_name, &output, 1);
  }

  Ort::Session session_;
  const SessionOptions options_;
  const Binding binding_;
  const int64_t output_elements_;
  const Ort::MemoryInfo memory_ = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Request> queue_;
  bool ended_ = false;
  std::vector<std::jthread> threads_;  // last: they end before the rest goes
};

// One environment a process, as the library wants it.
const Ort::Env& environment() {
  static const Ort::Env env(ORT_LOGGING_LEVEL_ERROR, "smol");
  return env;
}

Ort::SessionOptions session_options(const std::string& provider) {
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(1);
  options.SetInterOpNumThreads(1);
  options.SetExecutionMode(ORT_SEQUENTIAL);
  options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  if (provider == "cuda") {
    options.AppendExecutionProvider_CUDA_V2(*Ort::CUDAProviderOptions());
  } else if (provider == "tensorrt") {
    options.AppendExecutionProvider_TensorRT_V2(*Ort::TensorRTProviderOptions());
  } else if (provider != "cpu") {
    options.AppendExecutionProvider(provider, {});
  }
  return options;
}

class OnnxRuntimeModel final : public Model {
 public:
  OnnxRuntimeModel(std::string file, std::string provider, InputSpec input, int64_t fixed_batch, Binding binding,
                   int64_t output_elements)
      : file_(std::move(file)),
        provider_(std::move(provider)),
        input_(input),
        fixed_batch_(fixed_batch),
        binding_(std::move(binding)),
        output_elements_(output_elements) {}

  InputSpec input() const override { return input_; }
  int64_t output_elements() const override { return output_elements_; }

  std::unique_ptr<Session> compile(const SessionOptions& options) override {
    require_suffix(options, input_);
    Binding binding = binding_;
    binding.batch_of_one_run = fixed_batch_ > 0 ? fixed_batch_ : options.batch_size;
    if (options.batch_size % binding.batch_of_one_run != 0) {
      throw Error(
          ErrorCode::kUsage,
          fmt::format("the model takes batches of {}: give a multiple of it with --batch: {}", fixed_batch_, file_));
    }
    try {
      const Ort::SessionOptions settings = session_options(provider_);
      if (options.suffix.ops.empty()) {
        return std::make_unique<OnnxRuntimeSession>(Ort::Session(environment(), file_.c_str(), settings), options,
                                                    std::move(binding), output_elements_);
      }
      Ort::Session session = session_with_suffix(environment(), file_, settings, binding.input, options.suffix,
                                                 options.slot, binding.batch_of_one_run);
      binding.input = session.GetInputNames().front();
      return std::make_unique<OnnxRuntimeSession>(std::move(session), options, std::move(binding), output_elements_);
    } catch (const Ort::Exception& error) {
      throw Error(ErrorCode::kUsage,
                  fmt::format("the model does not compile for onnxruntime:{} and batch size {} ({}): {}", provider_,
                              options.batch_size, one_line(error.what()), file_));
    }
  }

 private:
  const std::string file_;
  const std::string provider_;
  const InputSpec input_;
  const int64_t fixed_batch_;  // 0: any
  const Binding binding_;
  const int64_t output_elements_;
};

class OnnxRuntimeBackend final : public Backend {
 public:
  explicit OnnxRuntimeBackend(std::string provider) : provider_(std::move(provider)) { environment(); }

  std::string name() const override { return provider_ == "cpu" ? "onnxruntime" : "onnxruntime:" + provider_; }
  std::string version() const override { return Ort::GetVersionString(); }
  std::vector<std::string> devices() const override { return providers(); }
  bool has_own_device() const override {
    constexpr std::array<std::string_view, 4> kOnCores = {"cpu", "xnnpack", "dnnl", "acl"};
    return std::find(kOnCores.begin(), kOnCores.end(), provider_) == kOnCores.end();
  }

  std::unique_ptr<Model> load(const std::filesystem::path& path, const ModelOptions& options) override {
    const std::string file = path.string();
    if (!std::filesystem::is_regular_file(path)) throw Error(ErrorCode::kUsage, "no such model file: " + file);
    try {
      Ort::SessionOptions only_look;
      only_look.SetGraphOptimizationLevel(ORT_DISABLE_ALL);
      only_look.SetIntraOpNumThreads(1);
      const Ort::Session session(environment(), file.c_str(), only_look);
      std::vector<Port> inputs;
      std::vector<Port> outputs;
      const std::vector<std::string> input_names = session.GetInputNames();
      const std::vector<std::string> output_names = session.GetOutputNames();
      for (size_t i = 0; i < input_names.size(); ++i)
        inputs.push_back(port_of(input_names[i], session.GetInputTypeInfo(i)));
      for (size_t i = 0; i < output_names.size(); ++i)
        outputs.push_back(port_of(output_names[i], session.GetOutputTypeInfo(i)));
      const Port& input = pick(inputs, options.input_name, "input", file);
      if (inputs.size() > 1) {
        throw Error(ErrorCode::kUsage,
                    fmt::format("the model has {} inputs, smol feeds one picture: {}", inputs.size(), file));
      }
      const Port& output = pick(outputs, options.output_name, "output", file);
      const InputSpec spec = picture_input(input, file);
      const int64_t elements = elements_per_item(output, file);
      Binding binding{input.name, output.name, {}, 0};
      binding.item_output.rank = static_cast<int>(output.shape.size()) - 1;
      std::copy(output.shape.begin() + 1, output.shape.end(), binding.item_output.axes.begin());
      return std::make_unique<OnnxRuntimeModel>(file, provider_, spec, std::max<int64_t>(0, input.shape[0]),
                                                std::move(binding), elements);
    } catch (const Ort::Exception& error) {
      throw Error(ErrorCode::kUsage,
                  fmt::format("not a model that ONNX Runtime reads ({}): {}", one_line(error.what()), file));
    }
  }

  static std::vector<std::string> providers() {
    std::vector<std::string> names;
    for (std::string& provider : Ort::GetAvailableProviders()) names.push_back(short_name(std::move(provider)));
    return names;
  }

 private:
  const std::string provider_;
};

}  // namespace

std::unique_ptr<Backend> make_onnxruntime_backend(std::string_view provider) {
  try {
    const std::string wanted(provider.empty() ? "cpu" : provider);
    const std::vector<std::string> available = OnnxRuntimeBackend::providers();
    if (std::find(available.begin(), available.end(), wanted) == available.end()) {
      throw Error(ErrorCode::kUsage,
                  fmt::format("the installed ONNX Runtime {} has no such execution provider, only {}: {}",
                              Ort::GetVersionString(), joined(available), wanted));
    }
    return std::make_unique<OnnxRuntimeBackend>(wanted);
  } catch (const Ort::Exception& error) {
    throw Error(ErrorCode::kUsage, "ONNX Runtime does not start: " + one_line(error.what()));
  }
}

}  // namespace smol
