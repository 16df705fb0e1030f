// The planner's rule, applied to the candidates of a plan: the twin of plan/planner.cpp. Pure.
import {cents, milliseconds, perSecond} from "./format.js";

export const kinds = {
  max_loss: {title: "Loss", question: "The fastest plan that loses at most"},
  min_accuracy: {title: "Accuracy", question: "The fastest plan that reaches at least"},
  min_throughput: {title: "Throughput", question: "The most accurate plan that does at least", show: perSecond},
  max_cost: {title: "Cost", question: "The most accurate plan that costs at most", show: (value) => `${cents(value)} a million items`},
  max_latency: {title: "Latency", question: "The most accurate plan that answers within", show: (value) => milliseconds(value / 1e3)},
};

// Greater first by each of the keys in turn; equal ones stay in the plan's order.
function best(candidates, ...keys) {
  let winner = null;
  for (const candidate of candidates) {
    const differing = winner && keys.find((key) => key(candidate) !== key(winner));
    if (!winner || (differing && differing(candidate) > differing(winner))) winner = candidate;
  }
  return winner;
}

const orLeast = (value) => (typeof value === "number" ? value : -Infinity);
const orMost = (value) => (typeof value === "number" ? value : Infinity);

// Greater is better in both, whatever the metric.
const speed = (candidate) => candidate.speed;
const quality = (metric) => (candidate) => (metric.isError ? -orMost(candidate.accuracy) : orLeast(candidate.accuracy));

// Does the candidate meet the constraint, as far as the calibration set can promise?
export function meets(candidate, {kind, value}, metric) {
  switch (kind) {
    case "max_loss": return orMost(candidate.loss_upper) <= value;
    case "min_accuracy":
      return metric.isError
        ? orMost(candidate.accuracy_high ?? candidate.accuracy) <= value
        : orLeast(candidate.accuracy_low ?? candidate.accuracy) >= value;
    case "min_throughput": return candidate.speed >= value;
    case "max_cost": return orMost(candidate.cents_per_million) <= value;
    case "max_latency": return orMost(candidate.latency_ms) <= value;
    default: return true;
  }
}

// → {chosen, isMet, nearest}. `chosen` is null where no candidate will do; where none can promise a loss, it is the
// reference. `nearest` is the nearest miss then.
export function choose(candidates, reference, metric, constraint) {
  const accuracy = quality(metric);
  const allowed = candidates.filter((candidate) => meets(candidate, constraint, metric));
  const isForAccuracy = ["min_throughput", "max_cost", "max_latency"].includes(constraint.kind);
  const chosen = isForAccuracy ? best(allowed, accuracy, speed) : best(allowed, speed, accuracy);
  if (chosen) return {chosen, isMet: true, nearest: null};
  if (constraint.kind === "max_loss") return {chosen: reference, isMet: false, nearest: null};
  const closeness = {
    min_accuracy: (candidate) => (metric.isError ? -orMost(candidate.accuracy_high ?? candidate.accuracy) : orLeast(candidate.accuracy_low ?? candidate.accuracy)),
    min_throughput: speed,
    max_cost: (candidate) => -orMost(candidate.cents_per_million),
    max_latency: (candidate) => -orMost(candidate.latency_ms),
  }[constraint.kind];
  return {chosen: null, isMet: false, nearest: best(candidates, closeness)};
}
