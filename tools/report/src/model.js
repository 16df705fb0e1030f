// What the page shows, made once from the embedded document {title, sources, plan, planning, run, examples}; every part but
// the title may be null.

import {metricOf} from "./metric.js";

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

export function readDocument() {
  return modelOf(JSON.parse(document.getElementById("document").textContent));
}

export function modelOf(report) {
  const planning = report.planning ?? null;
  const candidates = (planning?.candidates ?? []).map(candidateOf).filter((candidate) => isNumber(candidate.speed));
  const byId = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  const reference = byId.get(planning?.calibration?.reference) ?? null;
  return {
    ...report,
    planning,
    candidates,
    byId,
    reference,
    planned: byId.get(planning?.chosen) ?? null,
    metric: metricOf(planning?.calibration),
  };
}

// What was measured end to end decides; where nothing was, the resource model's estimate.
function candidateOf(candidate) {
  const throughput = candidate.throughput ?? {};
  return {
    ...candidate,
    throughput,
    speed: isNumber(throughput.measured) ? throughput.measured : throughput.resource_model,
    isMeasured: isNumber(throughput.measured),
    format: [candidate.rendition, candidate.decode === "full" ? null : candidate.decode].filter(Boolean).join(" at "),
  };
}

export const isOnFront = (candidate) => candidate.pareto ?? ["chosen", "front", "infeasible"].includes(candidate.status);

export function nameOf(candidate) {
  return `${candidate.model} on ${candidate.format}`;
}

// In the order of interest. Infeasible: on the front, but it does not meet the constraint.
export const statuses = ["chosen", "front", "infeasible", "dominated"];

export const stages = [
  {name: "read", demand: "read_s", resource: "CPU"},
  {name: "decode", demand: "decode_s", resource: "CPU"},
  {name: "preprocess", demand: "preprocess_s", resource: "CPU"},
  {name: "infer", demand: "infer_core_s", resource: "CPU"},
  {name: "infer (device)", demand: "infer_device_s", resource: "device"},
  {name: "sink", demand: "sink_s", resource: "CPU"},
];

// Busy seconds an item of each stage: predicted by a candidate's demand, measured by a run. Stages that neither knows of are
// left out; so is a device that nothing uses.
export function busyTimes(demand, run) {
  return stages
    .map((stage) => ({
      ...stage,
      predicted: demand?.[stage.demand] ?? null,
      measured: run?.stages?.[stage.name]?.core_seconds_per_item ?? null,
    }))
    .filter((stage) => (stage.resource === "device" ? stage.predicted > 0 : stage.predicted !== null || stage.measured !== null));
}

export const costModels = [
  {key: "resource_model", title: "resource model"},
  {key: "paper_min", title: "the paper’s min (eq. 4)"},
  {key: "no_overlap", title: "no overlap (eq. 3)"},
  {key: "execution_only", title: "execution only (eq. 2)"},
];

// Of every measured candidate, how far each model's estimate is off: +1 is twice the measured throughput.
export function modelErrors(candidates) {
  return costModels.flatMap(({key, title}) =>
    candidates
      .filter((candidate) => candidate.isMeasured && isNumber(candidate.throughput[key]))
      .map((candidate) => ({key, title, candidate, error: candidate.throughput[key] / candidate.throughput.measured - 1})));
}

// How much slower the candidate that a model ranks first is than the fastest one, both as measured.
export function regrets(candidates) {
  const measured = candidates.filter((candidate) => candidate.isMeasured);
  const fastest = Math.max(...measured.map((candidate) => candidate.throughput.measured));
  return new Map(costModels.map(({key}) => {
    const known = measured.filter((candidate) => isNumber(candidate.throughput[key]));
    if (known.length < 2) return [key, null];
    const picked = known.reduce((a, b) => (b.throughput[key] > a.throughput[key] ? b : a));
    return [key, 1 - picked.throughput.measured / fastest];
  }));
}
