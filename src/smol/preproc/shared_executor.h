// Several models' preprocessing from one decode: its strips go to every graph, and graphs that differ only in what
// they do to values (normalisation, type, order, layout) resize once.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "smol/base/decode_spec.h"
#include "smol/base/tensor.h"
#include "smol/preproc/graph.h"

namespace smol {

// One object a thread; begin / push / finish per picture, as FusedExecutor. Results are those of a FusedExecutor of
// each graph's optimised form, bit for bit.
class SharedExecutor {
 public:
  // Optimises the graphs (optimiser.h). Throws Error(kUsage) for what cannot be fused.
  explicit SharedExecutor(std::span<const PreprocGraph> graphs);
  ~SharedExecutor();
  SharedExecutor(SharedExecutor&&) noexcept;
  SharedExecutor& operator=(SharedExecutor&&) noexcept;

  size_t size() const;  // graphs
  const InputSpec& output(size_t graph) const;
  size_t passes() const;  // over the decoded strips: how many different resizes there are

  // `outs`: a tensor for each graph; one without data is not wanted this time, and costs nothing if its pass serves
  // no other.
  void begin(const DecodedGeometry& decoded, Orientation orientation, std::span<const TensorView> outs);
  bool push(const Strip& strip);  // true once no further row can change any result
  void finish();

  // What any of the graphs needs: the smallest rectangle around it.
  Rect needed_source_rect(Size displayed, Orientation orientation, int scale_denominator = 1) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace smol
