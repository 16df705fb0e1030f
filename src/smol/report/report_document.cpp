#include "smol/report/report_document.h"

#include <algorithm>
#include <utility>

#include "smol/report/json_check.h"

namespace smol {
namespace {

Json taken(Json& object, const char* key) {
  if (!object.is_object() || !object.contains(key)) return nullptr;
  Json value = std::move(object[key]);
  object.erase(key);
  return value;
}

std::string title_of(const Json& plan, const Json& planning) {
  if (planning.is_object()) {
    const Json* chosen = member(planning, "chosen");
    for (const Json& candidate : planning["candidates"]) {
      if (chosen != nullptr && candidate["id"] == *chosen) {
        return candidate["model"].get<std::string>() + " on " + candidate["rendition"].get<std::string>();
      }
    }
  }
  const Json* name = plan.is_object() ? member(plan, "name") : nullptr;
  return name != nullptr && name->is_string() ? name->get<std::string>() : "smol";
}

}  // namespace

Json report_document(Json plan, Json run, const std::vector<std::string>& sources,
                     const std::vector<ExamplePicture>& pictures) {
  Json planning = taken(plan, "planning");
  const Json examples = taken(planning, "examples");
  Json document;
  document["title"] = title_of(plan, planning);
  document["sources"] = sources;
  document["examples"] = Json::array();
  for (size_t i = 0; i < std::min(pictures.size(), examples.size()); ++i) {
    Json example = examples[i];
    example.erase("image");
    if (const auto& picture = pictures[i].picture) {
      example["image"] = picture->data_uri;
      example["width"] = picture->size.width;
      example["height"] = picture->size.height;
    } else {
      example["why"] = pictures[i].why;
    }
    document["examples"].push_back(std::move(example));
  }
  document["plan"] = std::move(plan);
  document["planning"] = std::move(planning);
  document["run"] = std::move(run);
  return document;
}

}  // namespace smol
