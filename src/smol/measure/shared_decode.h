// One thread's part of an evaluation: file -> strips, once, -> the preprocessing of every model -> their batches.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "smol/base/aligned_buffer.h"
#include "smol/base/decode_spec.h"
#include "smol/engine/pipeline.h"
#include "smol/infer/backend.h"
#include "smol/measure/model_set.h"
#include "smol/measure/prediction.h"
#include "smol/media/decoder.h"
#include "smol/media/file_reader.h"
#include "smol/preproc/shared_executor.h"

namespace smol {

// Not thread-safe: one object a thread; sessions are shared by all. A batch runs on the thread that filled it, which
// waits: with as many threads as streams, the cores are busy and nothing has to be queued.
class SharedDecode {
 public:
  using Found = std::function<void(size_t model, size_t position, Prediction&&)>;
  // `sessions[i]` is that of `models[i]`. `found` is called from this object's thread. `live` learns what waited for
  // what.
  SharedDecode(const std::vector<const LoadedModel*>& models, const std::vector<std::unique_ptr<Session>>& sessions,
               const DecodeSpec& spec, const DecodeLimits& limits, LiveCounters& live, Found found);

  // Decodes the picture for the models of these numbers. A bad file is a prediction with an error for each of them.
  void add(const std::string& path, size_t position, const std::vector<size_t>& wanting);
  // Runs the batches that are not full.
  void finish();

 private:
  struct ModelBatch {
    Session* session = nullptr;
    InputSpec slot;
    AlignedBuffer input;
    std::vector<float> output;
    std::vector<size_t> positions;  // of the rows that are filled
  };
  Status decode(const std::string& path, const std::vector<size_t>& wanting);
  DecodeSpec spec_for(const ImageInfo& info) const;
  void run_batch(size_t model);

  const DecodeSpec spec_;
  const DecodeLimits limits_;
  LiveCounters& live_;
  Found found_;
  FileReader reader_;
  DecoderSet decoders_;
  std::vector<ModelBatch> batches_;  // one a model
  SharedExecutor executor_;          // of all models
  std::vector<TensorView> rows_;     // of the picture at hand, in the batches of the models that want it
};

}  // namespace smol
