#include "smol/plan/cost_model.h"

namespace smol {
namespace {

class NoOverlapModel final : public CostModel {
 public:
  std::string_view name() const override { return "no_overlap"; }
  double items_per_s(std::span<const StageCost> stages, const Capacities& capacities) const override {
    double seconds = 0;
    for (const StageCost& stage : stages) {
      seconds += stage.pass_rate / smol::items_per_s(stage.preprocessing, capacities);
      seconds += stage.pass_rate / smol::items_per_s(stage.execution, capacities);
    }
    return 1 / seconds;
  }
};

}  // namespace

const CostModel& no_overlap_model() {
  static const NoOverlapModel model;
  return model;
}

}  // namespace smol
