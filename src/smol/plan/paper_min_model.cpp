#include <algorithm>

#include "smol/plan/cost_model.h"

namespace smol {
namespace {

class PaperMinModel final : public CostModel {
 public:
  std::string_view name() const override { return "paper_min"; }
  double items_per_s(std::span<const StageCost> stages, const Capacities& capacities) const override {
    double preprocessing_s = 0;
    double execution_s = 0;
    for (const StageCost& stage : stages) {
      preprocessing_s += stage.pass_rate / smol::items_per_s(stage.preprocessing, capacities);
      execution_s += stage.pass_rate / smol::items_per_s(stage.execution, capacities);
    }
    return std::min(1 / preprocessing_s, 1 / execution_s);
  }
};

}  // namespace

const CostModel& paper_min_model() {
  static const PaperMinModel model;
  return model;
}

}  // namespace smol
