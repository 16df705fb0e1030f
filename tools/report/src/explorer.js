// The constraint under the reader's hand: a kind, a slider, an exact value, and what they choose, in words.
import {choose, kinds} from "./choice.js";
import {h, replaceContent} from "./dom.js";
import {cents, milliseconds, perSecond, times} from "./format.js";
import {nameOf} from "./model.js";

// A step that people would choose, so that about `wanted` of them make the range.
function niceStep(range, wanted) {
  const raw = range / wanted || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= raw);
}

const clean = (value) => Number(value.toPrecision(12)); // 0.1 * 3 is 0.3 to people

// The slider's numbers, in the unit that people read: {low, high, step, unit, scale}; value = number / scale.
function rangeOf(kind, {candidates, metric}) {
  const known = (key) => candidates.map((candidate) => candidate[key]).filter((value) => typeof value === "number");
  const spanning = (values, {from = 0, unit, scale = 1}) => {
    const [least, most] = [Math.min(...values) * scale, Math.max(...values) * scale];
    const step = niceStep(most - (from ?? least), 400);
    const low = from ?? Math.max(0, Math.floor(least / step - 5) * step);
    return {low: clean(low), high: clean(Math.ceil(most / step + 5) * step), step: clean(step), unit, scale};
  };
  switch (kind) {
    case "max_loss": {
      if (metric.isError) return spanning([0, ...known("loss_upper")], {unit: ""});
      const most = Math.min(0.5, Math.max(0.02, ...known("loss_upper")));
      return {low: 0, high: Math.ceil(most * 100), step: 0.1, unit: "points", scale: 100};
    }
    case "min_accuracy": {
      if (metric.isError) return spanning([...known("accuracy_low"), ...known("accuracy_high")], {unit: ""});
      const values = [...known("accuracy"), ...known("accuracy_low")];
      return {low: Math.max(0, Math.floor(Math.min(...values) * 100 - 1)), high: Math.min(100, Math.ceil(Math.max(...values) * 100)), step: 0.1, unit: "%", scale: 100};
    }
    case "min_throughput": return spanning(known("speed"), {unit: "items/s"});
    case "max_cost": return spanning(known("cents_per_million"), {unit: "¢ a million"});
    default: return spanning(known("latency_ms"), {unit: "ms"});
  }
}

function availableKinds({candidates, reference}) {
  const has = (key) => candidates.some((candidate) => typeof candidate[key] === "number");
  const tests = {
    max_loss: reference && has("loss_upper"),
    min_accuracy: has("accuracy"),
    min_throughput: has("accuracy"),
    max_cost: has("accuracy") && has("cents_per_million"),
    max_latency: has("latency_ms"),
  };
  const kinds = Object.keys(tests).filter((kind) => tests[kind]);
  return kinds.length > 0 ? kinds : ["min_throughput"]; // without any accuracy: the fastest
}

export function explorer(model, {onChange}) {
  const {planning, metric, planned, reference} = model;
  const available = availableKinds(model);
  const asPlanned = available.includes(planning.constraint?.kind) && typeof planning.constraint.value === "number"
    ? {kind: planning.constraint.kind, value: planning.constraint.value} : null;
  let constraint = asPlanned ?? {kind: available[0], value: defaultOf(available[0])};
  let range = null;

  const slider = h("input", {type: "range", id: "constraint", oninput: () => set(constraint.kind, Number(slider.value) / range.scale)});
  const exact = h("input", {type: "number", id: "constraint-exact", "aria-label": "Exact value", oninput: () => {
    if (Number.isFinite(exact.valueAsNumber)) set(constraint.kind, exact.valueAsNumber / range.scale, exact);
  }});
  const unit = h("span", {class: "unit"});
  const question = h("label", {for: "constraint", class: "question"});
  const verdict = h("div", {class: "verdict", id: "verdict", role: "status", "aria-live": "polite"});
  const back = h("button", {type: "button", class: "quiet", onclick: () => {
    set(asPlanned.kind, asPlanned.value);
    slider.focus(); // the button is gone now
  }}, "Back to the plan’s constraint");
  const radios = available.map((kind) => h("input", {type: "radio", name: "kind", value: kind, id: `kind-${kind}`, onchange: () => set(kind, defaultOf(kind))}));

  // What the plan asked for, or else what its choice just reaches.
  function defaultOf(kind) {
    if (asPlanned?.kind === kind) return asPlanned.value;
    if (kind === "max_loss" && !metric.isError) return 0.01;
    const of = planned ?? reference ?? model.candidates[0];
    const reached = {
      max_loss: of.loss_upper,
      min_accuracy: metric.isError ? of.accuracy_high : of.accuracy_low ?? of.accuracy,
      min_throughput: of.speed,
      max_cost: of.cents_per_million,
      max_latency: of.latency_ms,
    }[kind];
    const {low, step, scale} = rangeOf(kind, model);
    const round = kind.startsWith("max") || (kind === "min_accuracy" && metric.isError) ? Math.ceil : Math.floor;
    return typeof reached === "number" ? clean((round((reached * scale) / step) * step) / scale) : low / scale;
  }

  function set(kind, value, source = null) {
    constraint = {kind, value: clean(value)};
    range = rangeOf(kind, model);
    const inUnit = clean(constraint.value * range.scale);
    Object.assign(slider, {min: range.low, max: Math.max(range.high, inUnit), step: range.step});
    slider.value = inUnit;
    slider.setAttribute("aria-valuetext", valueText(constraint, metric));
    if (source !== exact) {
      Object.assign(exact, {min: 0, step: range.step});
      exact.value = inUnit;
    }
    unit.textContent = range.unit;
    question.textContent = kind === "min_accuracy" && metric.isError ? "The fastest plan whose error is at most" : kinds[kind].question;
    for (const radio of radios) radio.checked = radio.value === kind;
    const result = choose(model.candidates, reference, metric, constraint);
    back.hidden = !asPlanned || (kind === asPlanned.kind && constraint.value === asPlanned.value);
    replaceContent(verdict, words(model, constraint, result));
    verdict.dataset.chosen = result.chosen?.id ?? "";
    onChange({constraint, ...result});
  }

  const element = h("div", {class: "explorer"},
    h("fieldset", {class: "kinds"}, h("legend", {class: "hidden"}, "What is asked for"),
      available.map((kind, i) => h("label", {for: `kind-${kind}`}, radios[i], h("span", {}, kinds[kind].title)))),
    h("div", {class: "value"}, question, h("span", {class: "exact"}, exact, unit), slider, back),
    verdict);
  return {element, start: () => set(constraint.kind, constraint.value)};
}

function valueText({kind, value}, metric) {
  if (kind === "max_loss") return metric.difference(value);
  return kind === "min_accuracy" ? metric.show(value) : kinds[kind].show(value);
}

function words(model, constraint, {chosen, isMet, nearest}) {
  const {reference, planned, planning, metric} = model;
  const isAsPlanned = planning.constraint?.kind === constraint.kind && planning.constraint?.value === constraint.value;
  if (!chosen) {
    return [h("p", {class: "headline"}, "No plan does that."),
      isAsPlanned && planning.nearest_miss?.explanation ? h("p", {}, planning.nearest_miss.explanation) : null,
      nearest ? h("p", {}, `The nearest is ${nearest.id}, ${nameOf(nearest)}: ${figures(nearest, metric)}.`) : null];
  }
  const sentences = [];
  if (!isMet) {
    sentences.push(`No plan is shown to lose at most ${metric.difference(constraint.value)} (upper 95 % bound), so the reference itself runs.`);
  } else if (chosen === reference) {
    sentences.push("It is the reference itself.");
  } else if (typeof chosen.loss_upper === "number") {
    sentences.push(`${lossText(chosen, reference, metric)}, at most ${metric.difference(chosen.loss_upper)} (upper 95 % bound).`);
  }
  if (reference && chosen !== reference && reference.speed > 0) sentences.push(`${times(chosen.speed / reference.speed)} the reference’s throughput.`);
  if (isAsPlanned && planned === chosen) sentences.push("This is what the plan runs.");
  return [
    h("p", {class: "headline"}, h("span", {class: "badge"}, chosen.id), ` ${nameOf(chosen)}`),
    h("p", {class: "facts"}, figures(chosen, metric)),
    h("p", {}, sentences.join(" ")),
    isAsPlanned && planned && planned !== chosen
      ? h("p", {class: "notice"}, `The plan itself says ${planned.id}${planned.reason ? `: ${planned.reason}` : ""}.`) : null,
  ];
}

function lossText(candidate, reference, metric) {
  const than = `the reference ${reference?.id ?? ""}`.trim();
  return candidate.loss < 0
    ? `It is ${metric.difference(-candidate.loss)} better than ${than} on the calibration set; it loses`
    : `It loses ${metric.difference(candidate.loss)} against ${than}`;
}

function figures(candidate, metric) {
  const facts = [`${perSecond(candidate.speed)} ${candidate.isMeasured ? "(measured)" : "(estimated)"}`];
  if (typeof candidate.accuracy === "number") {
    const interval = typeof candidate.accuracy_low === "number" ? ` (${metric.show(candidate.accuracy_low)} to ${metric.show(candidate.accuracy_high)})` : "";
    facts.push(`${metric.title} ${metric.show(candidate.accuracy)}${interval}`);
  }
  if (typeof candidate.cents_per_million === "number") facts.push(`${cents(candidate.cents_per_million)} a million items`);
  if (typeof candidate.latency_ms === "number") facts.push(`latency ${milliseconds(candidate.latency_ms / 1e3)}`);
  return facts.join(" · ");
}
