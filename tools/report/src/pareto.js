// Accuracy over throughput: one picture of all candidates, and over it a light one of what the constraint says of them,
// drawn anew at each move of the slider.
import {axisX, axisY, dot, gridX, gridY, line, plot, pointer, ruleX, ruleY, text, tip} from "@observablehq/plot";
import {meets} from "./choice.js";
import {asText, h, textTable} from "./dom.js";
import {perSecond, quantity} from "./format.js";
import {isOnFront, nameOf} from "./model.js";

const kMostIntervals = 60; // with more candidates, intervals are those of the front only
const kLogFrom = 8; // times the slowest
const box = {height: 430, marginLeft: 54, marginRight: 18, marginTop: 28, marginBottom: 48, style: {fontSize: "13px"}};
const isNumber = (value) => typeof value === "number";

// The domains that show every mark with its bars, and a little paper around them.
function scalesOf(drawn, barred, metric, isLog) {
  const speeds = drawn.map((candidate) => candidate.speed);
  const [slow, fast] = [Math.min(...speeds), Math.max(...speeds)];
  const aside = (fast - slow || fast) * 0.08;
  const values = [...drawn.map((c) => c.accuracy), ...barred.flatMap((c) => [c.accuracy_low, c.accuracy_high].filter(isNumber))];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const pad = Math.max(high - low, 0.02 * high) * 0.06;
  return {
    x: isLog ? {type: "log", domain: [slow / 1.15, fast * 1.15]} : {domain: [Math.max(0, slow - aside), fast + aside]},
    y: {domain: [Math.max(0, low - pad), metric.isError ? high + pad : Math.min(1, high + pad)], reverse: metric.isError},
  };
}

export function paretoChart(model, {onSelect}) {
  const {metric, reference} = model;
  const drawn = model.candidates.filter((candidate) => isNumber(candidate.accuracy));
  const front = drawn.filter(isOnFront).sort((a, b) => a.speed - b.speed);
  const others = drawn.filter((candidate) => !isOnFront(candidate));
  const barred = drawn.length <= kMostIntervals ? drawn : front;
  const speeds = drawn.map((candidate) => candidate.speed);
  const isLog = Math.max(...speeds) > kLogFrom * Math.min(...speeds);
  const stack = h("div", {class: "stack"});
  let base = null;
  let overlay = null;
  let latest = null; // what the overlay shows

  const at = {x: "speed", y: "accuracy"};
  const colour = (candidate) => (isOnFront(candidate) ? "var(--front)" : "var(--dominated)");
  const interval = (candidate) => `${metric.show(candidate.accuracy_low)} to ${metric.show(candidate.accuracy_high)}`;

  function describe(candidate) {
    return [
      `${candidate.id}: ${nameOf(candidate)}`,
      `${perSecond(candidate.speed)}, ${candidate.isMeasured ? "measured" : "estimated"}`,
      `${metric.title} ${metric.show(candidate.accuracy)}`,
      isNumber(candidate.accuracy_low) ? `(${interval(candidate)})` : null,
      candidate === reference ? "the reference" : isOnFront(candidate) ? "on the front" : `dominated${candidate.beaten_by ? ` by ${candidate.beaten_by}` : ""}`,
    ].filter(Boolean).join("\n");
  }

  function drawBase(width) {
    const ticks = Math.max(3, Math.round(width / 110));
    base = plot({
      width,
      ...box,
      ...scalesOf(drawn, barred, metric, isLog),
      ariaLabel: `${metric.title} over throughput`,
      ariaDescription: "The front stands in the table below the chart, all plans in the table of candidates.",
      marks: [
        gridX({ticks, strokeOpacity: 1, stroke: "var(--grid)"}),
        gridY({ticks: 6, strokeOpacity: 1, stroke: "var(--grid)"}),
        axisX({ticks, tickFormat: quantity, label: `Throughput, items/s${isLog ? " (log)" : ""}`, labelArrow: "right", labelAnchor: "right", labelOffset: 42}),
        axisY({ticks: 6, tickFormat: (value) => quantity(value * metric.scale), label: [metric.title, metric.unit].filter(Boolean).join(", "), labelArrow: metric.isError ? "down" : "up"}),
        line(front, {...at, curve: "step-before", stroke: "var(--front)", strokeOpacity: 0.55, strokeWidth: 1.5}),
        ruleX(barred.filter((c) => isNumber(c.accuracy_low) && isNumber(c.accuracy_high)), {
          x: "speed", y1: "accuracy_low", y2: "accuracy_high", stroke: colour, strokeOpacity: 0.55, strokeWidth: 1.5,
        }),
        dot(others, {...at, r: 3.5, strokeWidth: 1.6, stroke: "var(--dominated)", fill: "none"}),
        dot(front, {...at, r: 5, fill: "var(--front)"}),
        reference && drawn.includes(reference) ? dot([reference], {...at, symbol: "diamond", r: 9, stroke: "var(--ink)", strokeWidth: 1.8}) : null,
        tip(drawn, pointer({...at, title: describe, fill: "var(--paper)", stroke: "var(--line)", fontSize: 13, lineWidth: 34, maxRadius: 24})),
      ].filter(Boolean),
    });
    base.addEventListener("click", () => base.value && onSelect(base.value));
    stack.replaceChildren(base);
  }

  function drawOverlay(shown) {
    latest = shown;
    if (!base || !shown) return;
    const {chosen, selected, constraint} = shown;
    const width = Number(base.getAttribute("width"));
    const known = (candidate) => (candidate && isNumber(candidate.accuracy) ? [candidate] : []);
    const isAtRight = chosen && base.scale("x").apply(chosen.speed) > width * 0.6;
    const limit = {stroke: "var(--choice)", strokeDasharray: "5 4", strokeWidth: 1.5, clip: true};
    const next = plot({
      width,
      ...box,
      x: {...base.scale("x"), axis: null, label: null},
      y: {...base.scale("y"), axis: null, label: null},
      marks: [
        constraint.kind === "min_throughput" ? ruleX([constraint.value], limit) : null,
        constraint.kind === "min_accuracy" ? ruleY([constraint.value], limit) : null,
        dot(front.filter((candidate) => !meets(candidate, constraint, metric)), {...at, r: 3, fill: "var(--paper)"}),
        dot(known(selected), {...at, r: 13, stroke: "var(--ink)", strokeWidth: 1.5, strokeDasharray: "3 2"}),
        dot(known(chosen), {...at, r: 10, stroke: "var(--choice)", strokeWidth: 2.5}),
        dot(known(chosen), {...at, r: 5, fill: "var(--choice)"}),
        text(known(chosen), {
          ...at, text: (c) => `${c.id}: ${perSecond(c.speed)}, ${metric.show(c.accuracy)}`,
          dx: isAtRight ? -15 : 15, dy: -15, textAnchor: isAtRight ? "end" : "start",
          fontWeight: 600, fontSize: 14, fill: "var(--choice-text)", stroke: "var(--paper)", strokeWidth: 6,
        }),
      ].filter(Boolean),
    });
    next.classList.add("overlay");
    next.setAttribute("aria-hidden", "true");
    next.dataset.chosen = chosen?.id ?? "";
    if (overlay?.isConnected) overlay.replaceWith(next);
    else stack.append(next);
    overlay = next;
  }

  const note = barred.length < drawn.length ? " Of so many plans, only those on the front have theirs; the table has all." : "";
  const figure = h("figure", {}, stack,
    h("ul", {class: "legend", "aria-label": "Marks"},
      h("li", {class: "key-choice"}, "the choice"),
      reference ? h("li", {class: "key-reference"}, "the reference") : null,
      h("li", {class: "key-front"}, "on the front"),
      h("li", {class: "key-excluded"}, "on the front, outside the constraint"),
      others.length > 0 ? h("li", {class: "key-dominated"}, "dominated: another is faster and more accurate") : null),
    h("figcaption", {}, `Bars are 95 % intervals from the calibration set.${note} Click a plan to see its stages below.`),
    asText("The front as a table", textTable("The Pareto front", [
      {title: "Plan"}, {title: "Model and format"}, {title: "Throughput", number: true}, {title: metric.title, number: true}, {title: "95 % interval", number: true},
    ], front.map((c) => [c.id, nameOf(c), perSecond(c.speed), metric.show(c.accuracy), interval(c)]))));
  return {
    figure,
    draw(width) {
      drawBase(width);
      drawOverlay(latest);
    },
    mark: drawOverlay,
  };
}
