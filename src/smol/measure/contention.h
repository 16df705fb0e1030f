// What a DNN costs more while decoding takes turns with it on the cores, than alone.
#pragma once

#include "smol/measure/pipeline_rate.h"
#include "smol/plan/cost_model.h"

namespace smol {

// The share by which the core-seconds of the DNN grow, 0..1, from one run of a pipeline whose demands were measured
// each alone. A DNN that pauses finds its weights and activations further away; how much that is depends on the DNN,
// and hardly on what is decoded meanwhile, so a pipeline with a cheap prefix tells it best. 0 of a DNN that uses no
// core.
double contention(const PipelineRate& together, const StageCost& alone);

}  // namespace smol
