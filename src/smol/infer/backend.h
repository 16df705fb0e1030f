// Backend -> Model -> Session: compile once, run asynchronously over the caller's batch slots.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "smol/base/aligned_buffer.h"
#include "smol/base/result.h"
#include "smol/base/tensor.h"
#include "smol/preproc/graph.h"

namespace smol {

struct ModelOptions {
  std::string input_name;                 // empty: the only input
  std::string output_name;                // empty: the only output
  std::filesystem::path cache_directory;  // compiled models; empty: no cache
};

struct SessionOptions {
  int64_t batch_size = 1;
  int streams = 1;  // parallel single-threaded streams (design §10)
  InputSpec slot;   // what the engine will put into the slots
  // The operations below the cut (preproc/cut.h), which make Model::input() of `slot`. The backend puts them in front
  // of the model, on its device. Empty if `slot` is what the model takes.
  PreprocGraph suffix{};
};

// Compiled for one batch size. start() and the callbacks may be used from any thread.
class Session {
 public:
  using Completion = std::function<void(Status)>;
  virtual ~Session() = default;  // waits for what is in flight
  virtual int64_t batch_size() const = 0;
  virtual int max_in_flight() const = 0;        // requests that may run at once
  virtual int64_t output_elements() const = 0;  // f32 values per item
  // Memory of one batch slot, allocated as the device likes it (pinned or shared where that matters).
  virtual AlignedBuffer allocate_slot() = 0;
  // Runs the batch in `input` (batch_size items of SessionOptions::slot) and writes batch_size * output_elements()
  // floats to `output`. Both stay the backend's until `done` was called, on a thread of the backend. The caller
  // keeps to max_in_flight(). A failure arrives as kInferenceFailed.
  virtual void start(TensorView input, std::span<float> output, Completion done) = 0;
};

class Model {
 public:
  virtual ~Model() = default;
  virtual InputSpec input() const = 0;          // as the file declares it (NCHW or NHWC, one picture)
  virtual int64_t output_elements() const = 0;  // per item
  virtual std::unique_ptr<Session> compile(const SessionOptions& options) = 0;  // throws Error(kUsage)
};

class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::string name() const = 0;  // as make_backend() takes it
  virtual std::string version() const = 0;
  virtual std::vector<std::string> devices() const = 0;
  // True if models run on a device beside the cores that decode; false if they share the cores.
  virtual bool has_own_device() const = 0;
  // Throws Error(kUsage) that names the file: not a model, several inputs, not an image input, ...
  virtual std::unique_ptr<Model> load(const std::filesystem::path& model, const ModelOptions& options) = 0;
};

// Throws Error(kUsage) if `suffix` does not make `input` of `slot`; for backends.
void require_suffix(const SessionOptions& options, const InputSpec& input);

// Single-threaded streams, CPU pinning off, f32 precision (design §10).
std::unique_ptr<Backend> make_openvino_backend();

// Single-threaded as well. `provider` names an execution provider of the installed library (cpu, cuda, tensorrt,
// ...); empty: cpu. A model is fed in batches of its own size if that is fixed. Throws Error(kUsage).
std::unique_ptr<Backend> make_onnxruntime_backend(std::string_view provider);

// By name, as --backend takes it: openvino, onnxruntime, onnxruntime:PROVIDER. Throws Error(kUsage) for another, or
// if its library does not load.
std::unique_ptr<Backend> make_backend(std::string_view name);

}  // namespace smol
