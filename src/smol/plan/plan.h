// A plan: which model, which rendition and DecodeSpec, which preprocessing, what comes out (design §2).
//
// Today one stage with one input format; the engine's settings (threads, batch) are not part of it.
#pragma once

#include <filesystem>
#include <string>

#include "smol/base/decode_spec.h"
#include "smol/infer/manifest.h"

namespace smol {

enum class Scores : uint8_t { kAsModelled, kSoftmax };

struct Plan {
  std::filesystem::path model;
  std::string model_hash;  // of the file's bytes
  Manifest manifest;
  std::string rendition = "full";  // or, of a dataset, the names in use in order of preference: "thumb,full"
  DecodeSpec decode;
  std::string output = "topk";  // topk | logits | embedding
  int topk = 5;
  Scores scores = Scores::kAsModelled;
};

// Sixteen hex digits over everything that affects the rows, and nothing else: not where the model lies, not threads,
// not batch size.
std::string plan_id(const Plan& plan);

// For people and for `plan.json`.
std::string to_json(const Plan& plan);

// Hash of a file's bytes. Throws Error(kUsage) if it cannot be read.
std::string hash_file(const std::filesystem::path& path);

}  // namespace smol
