#include "smol/report/report_document.h"

#include <algorithm>
#include <utility>

#include "smol/base/json_object.h"

namespace smol {
namespace {

std::string title_of(const Plan& plan) {
  if (plan.planning) {
    if (const Assessment* chosen = find_candidate(*plan.planning, plan.planning->chosen)) {
      return model_text(chosen->candidate) + " on " + to_string(chosen->candidate.stages.back().format);
    }
  }
  return plan.stages.front().manifest.name + " on " + rendition_text(plan.stages.front());
}

Json example_json(Json example, const ExamplePicture& made) {
  example.erase("image");
  if (made.picture) {
    example["image"] = made.picture->data_uri;
    example["width"] = made.picture->size.width;
    example["height"] = made.picture->size.height;
  } else {
    example["why"] = made.why;
  }
  return example;
}

}  // namespace

Json report_document(const std::optional<Plan>& plan, const Json& run, const std::vector<std::string>& sources,
                     const std::vector<ExamplePicture>& pictures) {
  Json document = {{"title", "a run"},    {"sources", sources}, {"plan", nullptr},
                   {"planning", nullptr}, {"run", run},         {"examples", Json::array()}};
  if (!plan) return document;
  document["title"] = title_of(*plan);
  Json written = Json::parse(to_json(*plan));
  if (plan->planning) {
    Json planning = std::move(written["planning"]);
    const Json examples = std::move(planning["examples"]);
    planning.erase("examples");
    for (size_t i = 0; i < std::min(pictures.size(), examples.size()); ++i) {
      document["examples"].push_back(example_json(examples[i], pictures[i]));
    }
    document["planning"] = std::move(planning);
  }
  written.erase("planning");
  document["plan"] = std::move(written);
  return document;
}

}  // namespace smol
