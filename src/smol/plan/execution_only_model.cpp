#include "smol/plan/cost_model.h"

namespace smol {
namespace {

class ExecutionOnlyModel final : public CostModel {
 public:
  std::string_view name() const override { return "execution_only"; }
  double items_per_s(std::span<const StageCost> stages, const Capacities& capacities) const override {
    double seconds = 0;
    for (const StageCost& stage : stages) seconds += stage.pass_rate / smol::items_per_s(stage.execution, capacities);
    return 1 / seconds;
  }
};

}  // namespace

const CostModel& execution_only_model() {
  static const ExecutionOnlyModel model;
  return model;
}

}  // namespace smol
