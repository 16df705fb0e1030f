// The planner's rule, applied to the candidates of a plan: the twin of plan/planner.cpp for one constraint. Pure.
import {points, perSecond, percent} from "./format.js";

export const kinds = {
  max_loss: {
    title: "Largest loss",
    question: "The fastest plan that loses at most",
    show: points,
  },
  min_accuracy: {
    title: "Least accuracy",
    question: "The fastest plan whose accuracy is at least",
    show: percent,
  },
  min_throughput: {
    title: "Least throughput",
    question: "The most accurate plan that does at least",
    show: perSecond,
  },
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

const speed = (candidate) => candidate.speed;
const accuracy = (candidate) => candidate.accuracy ?? -Infinity;
const surely = (candidate) => candidate.accuracy_low ?? accuracy(candidate); // at the lower bound of its interval

// → {chosen, isMet, nearest}. `chosen` is null where no candidate will do; a loss that none can promise falls back to
// the reference. `nearest` is the nearest miss then.
export function choose(candidates, reference, {kind, value}) {
  if (kind === "max_loss") {
    const allowed = candidates.filter((c) => typeof c.loss_upper === "number" && c.loss_upper <= value);
    const chosen = best(allowed, speed, accuracy);
    if (chosen) return {chosen, isMet: true, nearest: null};
    return {chosen: reference, isMet: false, nearest: null};
  }
  const meets = kind === "min_accuracy" ? (c) => surely(c) >= value : (c) => c.speed >= value;
  const allowed = candidates.filter(meets);
  const [first, second] = kind === "min_accuracy" ? [speed, accuracy] : [accuracy, speed];
  const chosen = best(allowed, first, second);
  return {chosen, isMet: chosen !== null, nearest: chosen ? null : best(candidates, second, first)};
}
