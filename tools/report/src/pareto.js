// Accuracy over throughput: one picture of all candidates, and over it a light one of the choice, drawn anew at each move of the slider.
import {axisX, axisY, dot, gridX, gridY, line, plot, pointer, ruleX, ruleY, text, tip} from "@observablehq/plot";
import {asText, h, textTable} from "./dom.js";
import {percent, perSecond, quantity} from "./format.js";
import {nameOf, statuses} from "./model.js";

const kMostIntervals = 60; // with more candidates, intervals are those of the front only
const kHeight = 420;
const marks = {
  chosen: {symbol: "circle", fill: "var(--front)", stroke: "var(--front)", r: 4.5},
  front: {symbol: "circle", fill: "var(--front)", stroke: "var(--front)", r: 4.5},
  dominated: {symbol: "circle", fill: "none", stroke: "var(--dominated)", r: 3.5},
  infeasible: {symbol: "times", fill: "none", stroke: "var(--infeasible)", r: 3.5},
};
const names = {chosen: "on the front", front: "on the front", dominated: "dominated", infeasible: "infeasible"};

const statusOf = (candidate) => (statuses.includes(candidate.status) ? candidate.status : "dominated");
const isOnFront = (candidate) => candidate.pareto === true || candidate.status === "front" || candidate.status === "chosen";
const interval = (candidate) => `${percent(candidate.accuracy_low)} to ${percent(candidate.accuracy_high)}`;

export function paretoChart(model, {onSelect}) {
  const drawn = model.candidates.filter((candidate) => typeof candidate.accuracy === "number");
  const front = drawn.filter(isOnFront).sort((a, b) => a.speed - b.speed);
  const speeds = drawn.map((candidate) => candidate.speed);
  const isLog = Math.max(...speeds) > 8 * Math.min(...speeds);
  const barred = drawn.length <= kMostIntervals ? drawn : front;
  const stack = h("div", {class: "stack"});
  let base = null;
  let overlay = null;
  let latest = null; // what the overlay shows

  const scales = () => {
    const low = Math.min(...drawn.map((c) => (barred.includes(c) ? c.accuracy_low ?? c.accuracy : c.accuracy)));
    const high = Math.max(...drawn.map((c) => (barred.includes(c) ? c.accuracy_high ?? c.accuracy : c.accuracy)));
    const pad = Math.max(0.01, (high - low) * 0.06);
    const [slow, fast] = [Math.min(...speeds), Math.max(...speeds)];
    return {
      x: isLog
        ? {type: "log", domain: [slow / 1.15, fast * 1.15]}
        : {domain: [Math.max(0, slow - (fast - slow || fast) * 0.08), fast + (fast - slow || fast) * 0.08]},
      y: {domain: [Math.max(0, low - pad), Math.min(1, high + pad)]},
    };
  };

  function drawBase(width) {
    const common = {width, height: kHeight, marginLeft: 52, marginRight: 16, marginTop: 28, marginBottom: 44};
    base = plot({
      ...common,
      ...scales(),
      style: {fontSize: "13px"},
      ariaLabel: `${model.accuracyName} over throughput`,
      ariaDescription: "The same figures stand in the table of candidates.",
      marks: [
        gridX({ticks: Math.max(3, Math.round(width / 110)), strokeOpacity: 1, stroke: "var(--grid)"}),
        gridY({ticks: 6, strokeOpacity: 1, stroke: "var(--grid)"}),
        axisX({ticks: Math.max(3, Math.round(width / 110)), tickFormat: quantity, label: `Throughput, items/s${isLog ? " (log)" : ""}`, labelArrow: "right", labelAnchor: "right", labelOffset: 40}),
        axisY({ticks: 6, tickFormat: (value) => `${quantity(value * 100)}`, label: `${model.accuracyName}, %`, labelArrow: "up"}),
        line(front, {x: "speed", y: "accuracy", curve: "step-before", stroke: "var(--front)", strokeOpacity: 0.55, strokeWidth: 1.5}),
        ruleX(barred.filter((c) => typeof c.accuracy_low === "number" && typeof c.accuracy_high === "number"), {
          x: "speed", y1: "accuracy_low", y2: "accuracy_high",
          stroke: (c) => (isOnFront(c) ? "var(--front)" : "var(--dominated)"), strokeOpacity: 0.6, strokeWidth: 1.5, marker: "none",
        }),
        ruleY(barred.filter((c) => typeof c.throughput.measured_low === "number" && typeof c.throughput.measured_high === "number"), {
          y: "accuracy", x1: (c) => c.throughput.measured_low, x2: (c) => c.throughput.measured_high,
          stroke: (c) => (isOnFront(c) ? "var(--front)" : "var(--dominated)"), strokeOpacity: 0.6, strokeWidth: 1.5,
        }),
        ...["infeasible", "dominated", "front", "chosen"].map((status) =>
          dot(drawn.filter((c) => statusOf(c) === status), {x: "speed", y: "accuracy", strokeWidth: 1.6, ...marks[status]})),
        model.reference && drawn.includes(model.reference)
          ? dot([model.reference], {x: "speed", y: "accuracy", symbol: "diamond", r: 7, fill: "var(--paper)", stroke: "var(--ink)", strokeWidth: 1.8})
          : null,
        tip(drawn, pointer({x: "speed", y: "accuracy", title: describe, fill: "var(--paper)", stroke: "var(--line)", fontSize: 13, lineWidth: 30, maxRadius: 24})),
      ].filter(Boolean),
    });
    base.addEventListener("click", () => base.value && onSelect(base.value));
    stack.replaceChildren(base);
  }

  function describe(candidate) {
    return [
      `${candidate.id}: ${nameOf(candidate)}`,
      `${perSecond(candidate.speed)} ${candidate.isMeasured ? "measured" : "estimated"}`,
      `${model.accuracyName} ${percent(candidate.accuracy)} (${interval(candidate)})`,
      candidate === model.reference ? "the reference" : names[statusOf(candidate)],
    ].join("\n");
  }

  function drawOverlay(shown) {
    latest = shown;
    if (!base || !shown) return;
    const {chosen, selected, constraint} = shown;
    const width = base.getAttribute("width");
    const atRight = chosen && base.scale("x").apply(chosen.speed) > width * 0.6;
    const known = (candidate) => (candidate && typeof candidate.accuracy === "number" ? [candidate] : []);
    const next = plot({
      width, height: kHeight, marginLeft: 52, marginRight: 16, marginTop: 28, marginBottom: 44,
      x: {...base.scale("x"), axis: null, label: null}, y: {...base.scale("y"), axis: null, label: null},
      style: {fontSize: "13px"},
      marks: [
        constraint.kind === "min_throughput" ? ruleX([constraint.value], {stroke: "var(--choice)", strokeDasharray: "5 4", clip: true}) : null,
        constraint.kind === "min_accuracy" ? ruleY([constraint.value], {stroke: "var(--choice)", strokeDasharray: "5 4", clip: true}) : null,
        dot(known(selected), {x: "speed", y: "accuracy", r: 10, stroke: "var(--ink)", strokeWidth: 1.5, strokeDasharray: "3 2"}),
        dot(known(chosen), {x: "speed", y: "accuracy", r: 11, stroke: "var(--choice)", strokeWidth: 2.5}),
        dot(known(chosen), {x: "speed", y: "accuracy", r: 5, fill: "var(--choice)"}),
        text(known(chosen), {
          x: "speed", y: "accuracy", text: (c) => `${c.id}: ${perSecond(c.speed)}, ${percent(c.accuracy)}`,
          dx: atRight ? -16 : 16, dy: -14, textAnchor: atRight ? "end" : "start",
          fontWeight: 600, fill: "var(--choice-text)", stroke: "var(--paper)", strokeWidth: 5,
        }),
      ].filter(Boolean),
    });
    next.setAttribute("class", `${next.getAttribute("class")} overlay`);
    next.setAttribute("aria-hidden", "true");
    next.dataset.chosen = chosen?.id ?? "";
    if (overlay?.isConnected) overlay.replaceWith(next);
    else stack.append(next);
    overlay = next;
  }

  const legend = h("ul", {class: "legend", "aria-label": "Marks"},
    h("li", {class: "key-choice"}, "the choice"),
    model.reference ? h("li", {class: "key-reference"}, "the reference") : null,
    h("li", {class: "key-front"}, "on the front"),
    h("li", {class: "key-dominated"}, "dominated"),
    drawn.some((c) => c.status === "infeasible") ? h("li", {class: "key-infeasible"}, "infeasible") : null);
  const note = barred.length < drawn.length ? " Bars are drawn for the front only; the table has them all." : "";
  const figure = h("figure", {}, stack, legend,
    h("figcaption", {}, `Bars are 95 % intervals from the calibration set.${note} Filled and ringed: what the constraint chooses.`),
    asText("The front as a table", textTable("The Pareto front", [
      {title: "Plan"}, {title: "Model and format"}, {title: "Throughput", number: true}, {title: model.accuracyName, number: true}, {title: "95 % interval", number: true},
    ], front.map((c) => [c.id, nameOf(c), perSecond(c.speed), percent(c.accuracy), interval(c)]))));
  return {
    figure,
    draw(width) {
      drawBase(width);
      drawOverlay(latest);
    },
    mark: drawOverlay,
  };
}
