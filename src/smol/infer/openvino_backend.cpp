#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <exception>
#include <mutex>
#include <openvino/openvino.hpp>

#include "smol/base/error.h"
#include "smol/infer/backend.h"
#include "smol/infer/openvino_suffix.h"

namespace smol {
namespace {

constexpr const char* kDevice = "CPU";

// OpenVINO's messages have a stack of file names and several lines; what the user needs is the last line with words.
std::string last_line(const std::exception& error) {
  const std::string text = error.what();
  size_t end = text.find_last_not_of(" \n\t");
  if (end == std::string::npos) return "no reason given";
  const size_t begin = text.find_last_of('\n', end);
  return text.substr(begin == std::string::npos ? 0 : begin + 1,
                     end - (begin == std::string::npos ? 0 : begin + 1) + 1);
}

ov::element::Type element_type(DType dtype) {
  switch (dtype) {
    case DType::kU8: return ov::element::u8;
    case DType::kF16: return ov::element::f16;
    case DType::kF32: return ov::element::f32;
  }
  return ov::element::f32;
}

ov::Shape to_ov(const Shape& shape) {
  ov::Shape result;
  for (int i = 0; i < shape.rank; ++i) result.push_back(static_cast<size_t>(shape.axes[static_cast<size_t>(i)]));
  return result;
}

template <typename Port>
Port pick(const std::vector<Port>& ports, const std::string& wanted, const char* what, const std::string& file) {
  std::string names;
  for (const Port& port : ports) {
    if (wanted.empty() ? ports.size() == 1 : port.get_names().contains(wanted)) return port;
    names +=
        (names.empty() ? "" : ", ") + (port.get_names().empty() ? std::string("(unnamed)") : port.get_any_name());
  }
  throw Error(ErrorCode::kUsage, wanted.empty()
                                     ? fmt::format("the model has {} {}s, name one in the manifest ({}): {}",
                                                   ports.size(), what, names, file)
                                     : fmt::format("the model has no {} {}, only {}: {}", what, wanted, names, file));
}

InputSpec picture_input(const ov::Output<const ov::Node>& port, const std::string& file) {
  const ov::PartialShape& shape = port.get_partial_shape();
  const auto refuse = [&](const char* why) {
    return Error(ErrorCode::kUsage, fmt::format("the model's input is not a picture ({}; its shape is {}): {}", why,
                                                shape.to_string(), file));
  };
  if (shape.rank().is_dynamic() || shape.rank().get_length() != 4) throw refuse("four axes are needed");
  for (size_t axis = 1; axis < 4; ++axis) {
    if (shape[axis].is_dynamic()) throw refuse("only the batch axis may be dynamic");
  }
  InputSpec spec;
  if (port.get_element_type() == ov::element::f32) {
    spec.dtype = DType::kF32;
  } else if (port.get_element_type() == ov::element::u8) {
    spec.dtype = DType::kU8;
  } else {
    throw refuse("f32 or u8 is needed");
  }
  if (shape[1].get_length() == 3) {
    spec.layout = Layout::kCHW;
    spec.height = static_cast<int>(shape[2].get_length());
    spec.width = static_cast<int>(shape[3].get_length());
  } else if (shape[3].get_length() == 3) {
    spec.layout = Layout::kHWC;
    spec.height = static_cast<int>(shape[1].get_length());
    spec.width = static_cast<int>(shape[2].get_length());
  } else {
    throw refuse("three channels are needed");
  }
  return spec;
}

class OpenVinoSession final : public Session {
 public:
  OpenVinoSession(ov::CompiledModel compiled, SessionOptions options, int64_t output_elements)
      : compiled_(std::move(compiled)), options_(options), output_elements_(output_elements) {
    // One request a stream keeps the streams busy, one more has the next batch ready when one of them ends.
    for (int i = 0; i < options_.streams + 1; ++i) requests_.push_back({compiled_.create_infer_request(), {}});
    for (Request& request : requests_) idle_.push_back(&request);
  }

  ~OpenVinoSession() override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return idle_.size() == requests_.size(); });
    lock.unlock();
    for (Request& request : requests_) request.infer.wait();  // its callback has returned
  }

  int64_t batch_size() const override { return options_.batch_size; }
  int max_in_flight() const override { return static_cast<int>(requests_.size()); }
  int64_t output_elements() const override { return output_elements_; }
  AlignedBuffer allocate_slot() override {
    return AlignedBuffer(static_cast<size_t>(options_.batch_size) * options_.slot.item_bytes());
  }

  void start(TensorView input, std::span<float> output, Completion done) override {
    Request* request = nullptr;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return !idle_.empty(); });
      request = idle_.back();
      idle_.pop_back();
    }
    request->done = std::move(done);
    try {
      request->infer.set_input_tensor(ov::Tensor(element_type(input.dtype), to_ov(input.shape), input.data));
      ov::Shape output_shape = compiled_.output().get_shape();
      request->infer.set_output_tensor(ov::Tensor(ov::element::f32, output_shape, output.data()));
      request->infer.set_callback([this, request](std::exception_ptr failure) { complete(*request, failure); });
      request->infer.start_async();
    } catch (const std::exception&) {
      complete(*request, std::current_exception());
    }
  }

 private:
  struct Request {
    ov::InferRequest infer;
    Completion done;
  };

  void complete(Request& request, const std::exception_ptr& failure) {
    Status status = ok_status();
    if (failure) {
      try {
        std::rethrow_exception(failure);
      } catch (const std::exception& error) {
        status = ItemError{ItemErrorCode::kInferenceFailed, last_line(error)};
      }
    }
    const Completion done = std::move(request.done);
    {
      const std::lock_guard lock(mutex_);
      idle_.push_back(&request);
    }
    done(std::move(status));
    changed_.notify_all();
  }

  ov::CompiledModel compiled_;
  const SessionOptions options_;
  const int64_t output_elements_;
  std::deque<Request> requests_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Request*> idle_;
};

class OpenVinoModel final : public Model {
 public:
  OpenVinoModel(ov::Core& core, std::shared_ptr<ov::Model> model, std::string file, InputSpec input,
                int64_t output_elements, std::filesystem::path cache)
      : core_(core),
        model_(std::move(model)),
        file_(std::move(file)),
        input_(input),
        output_elements_(output_elements),
        cache_(std::move(cache)) {}

  InputSpec input() const override { return input_; }
  int64_t output_elements() const override { return output_elements_; }

  std::unique_ptr<Session> compile(const SessionOptions& options) override {
    try {
      const std::shared_ptr<ov::Model> model = with_slot_input(options);
      ov::AnyMap properties = {
          ov::num_streams(options.streams), ov::inference_num_threads(options.streams),
          ov::hint::enable_cpu_pinning(false),
          // The default is bf16 where the CPU has it: faster, but other answers on other machines.
          ov::hint::inference_precision(ov::element::f32)};
      if (!cache_.empty()) properties.insert(ov::cache_dir(cache_.string()));
      return std::make_unique<OpenVinoSession>(core_.compile_model(model, kDevice, properties), options,
                                               output_elements_);
    } catch (const ov::Exception& error) {
      throw Error(ErrorCode::kUsage, fmt::format("the model does not compile for batch size {} ({}): {}",
                                                 options.batch_size, last_line(error), file_));
    }
  }

 private:
  // The model for one static batch size, taking what the slots hold.
  std::shared_ptr<ov::Model> with_slot_input(const SessionOptions& options) const {
    require_suffix(options, input_);
    std::shared_ptr<ov::Model> model = model_->clone();
    model->reshape(to_ov(input_.batch_shape(options.batch_size)));
    if (!options.suffix.ops.empty()) put_in_front(*model, options.suffix, options.slot, options.batch_size);
    return model;
  }

  ov::Core& core_;
  const std::shared_ptr<ov::Model> model_;
  const std::string file_;
  const InputSpec input_;
  const int64_t output_elements_;
  const std::filesystem::path cache_;
};

class OpenVinoBackend final : public Backend {
 public:
  std::string name() const override { return "openvino"; }

  std::string version() const override {
    const std::string build = ov::get_openvino_version().buildNumber;  // "2026.4.1-20912-..."
    return build.substr(0, build.find('-'));
  }

  std::vector<std::string> devices() const override { return core_.get_available_devices(); }
  bool has_own_device() const override { return false; }

  std::unique_ptr<Model> load(const std::filesystem::path& path, const ModelOptions& options) override {
    const std::string file = path.string();
    if (!std::filesystem::is_regular_file(path)) throw Error(ErrorCode::kUsage, "no such model file: " + file);
    try {
      std::shared_ptr<ov::Model> model = core_.read_model(file);
      const auto input = pick(std::as_const(*model).inputs(), options.input_name, "input", file);
      if (model->inputs().size() > 1) {
        throw Error(ErrorCode::kUsage,
                    fmt::format("the model has {} inputs, smol feeds one picture: {}", model->inputs().size(), file));
      }
      const InputSpec spec = picture_input(input, file);
      keep_one_f32_output(model, options.output_name, file);
      const ov::PartialShape shape = model->output().get_partial_shape();
      int64_t elements = 1;
      for (size_t axis = 1; axis < shape.size(); ++axis) {
        if (shape[axis].is_dynamic()) {
          throw Error(ErrorCode::kUsage,
                      fmt::format("the model's output has no fixed size ({}): {}", shape.to_string(), file));
        }
        elements *= shape[axis].get_length();
      }
      return std::make_unique<OpenVinoModel>(core_, std::move(model), file, spec, elements, options.cache_directory);
    } catch (const ov::Exception& error) {
      throw Error(ErrorCode::kUsage, fmt::format("not a model that OpenVINO reads ({}): {}", last_line(error), file));
    }
  }

 private:
  static void keep_one_f32_output(std::shared_ptr<ov::Model>& model, const std::string& wanted,
                                  const std::string& file) {
    const auto chosen = pick(std::as_const(*model).outputs(), wanted, "output", file);
    for (const auto& output : model->outputs()) {
      if (output.get_node() != chosen.get_node())
        model->remove_result(ov::as_type_ptr<ov::op::v0::Result>(output.get_node_shared_ptr()));
    }
    if (chosen.get_element_type() == ov::element::f32) return;
    ov::preprocess::PrePostProcessor convert(model);
    convert.output().tensor().set_element_type(ov::element::f32);
    model = convert.build();
  }

  ov::Core core_;
};

}  // namespace

std::unique_ptr<Backend> make_openvino_backend() {
  try {
    return std::make_unique<OpenVinoBackend>();
  } catch (const ov::Exception& error) {
    throw Error(ErrorCode::kUsage, "OpenVINO does not start: " + last_line(error));
  }
}

}  // namespace smol
