// The constraint under the reader's hand: a kind, a slider, an exact value, and what they choose, in words.
import {choose, kinds} from "./choice.js";
import {h, replaceContent} from "./dom.js";
import {cents, milliseconds, percent, points, perSecond, times} from "./format.js";
import {nameOf} from "./model.js";

// A step that people would choose, so that about `wanted` of them make the range.
function niceStep(range, wanted) {
  const raw = range / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= raw);
}

// The slider's numbers: points or percent for shares (its unit), items/s else.
function rangeOf(kind, model) {
  const {candidates} = model;
  const known = (key) => candidates.map((candidate) => candidate[key]).filter((value) => typeof value === "number");
  if (kind === "max_loss") {
    const top = Math.max(0.02, ...known("loss_upper"));
    const most = Math.min(1, Math.ceil(Math.min(top, 0.5) * 100) / 100);
    return {low: 0, high: most, step: 0.001, unit: "points", scale: 100};
  }
  if (kind === "min_accuracy") {
    const values = known("accuracy");
    return {
      low: Math.max(0, Math.floor(Math.min(...values) * 100 - 1) / 100),
      high: Math.min(1, Math.ceil(Math.max(...values) * 100 + 1) / 100),
      step: 0.001, unit: "%", scale: 100,
    };
  }
  const fastest = Math.max(...known("speed"));
  const step = niceStep(fastest, 400);
  return {low: 0, high: Math.ceil((fastest * 1.05) / step) * step, step, unit: "items/s", scale: 1};
}

const clean = (value) => Number(value.toPrecision(12)); // 0.1 * 3 is 0.3 to people

export function explorer(model, {onChange}) {
  const {planning, candidates, reference, planned} = model;
  const planConstraint = planning.constraint && kinds[planning.constraint.kind] && typeof planning.constraint.value === "number"
    ? {kind: planning.constraint.kind, value: planning.constraint.value} : null;
  const hasAccuracy = candidates.some((candidate) => typeof candidate.accuracy === "number");
  const available = Object.keys(kinds).filter((kind) =>
    (kind !== "max_loss" || (reference && candidates.some((c) => typeof c.loss_upper === "number"))) && (kind === "min_throughput" || hasAccuracy));
  let constraint = planConstraint && available.includes(planConstraint.kind)
    ? {...planConstraint}
    : {kind: available[0], value: available[0] === "max_loss" ? 0.01 : rangeOf(available[0], model).low};

  const slider = h("input", {type: "range", id: "constraint", oninput: () => set(constraint.kind, Number(slider.value) / range.scale)});
  const exact = h("input", {type: "number", id: "constraint-exact", "aria-label": "Exact value", oninput: () => {
    if (exact.value !== "" && Number.isFinite(exact.valueAsNumber)) set(constraint.kind, exact.valueAsNumber / range.scale, exact);
  }});
  const unit = h("span", {class: "unit"});
  const question = h("label", {for: "constraint", class: "question"});
  const verdict = h("div", {class: "verdict", id: "verdict", role: "status", "aria-live": "polite"});
  const back = h("button", {type: "button", class: "quiet", onclick: () => set(planConstraint.kind, planConstraint.value)}, "Back to the plan’s constraint");
  const radios = available.map((kind) => h("input", {
    type: "radio", name: "kind", value: kind, id: `kind-${kind}`, checked: kind === constraint.kind, onchange: () => set(kind, defaultOf(kind)),
  }));
  let range = rangeOf(constraint.kind, model);

  function defaultOf(kind) {
    if (planConstraint?.kind === kind) return planConstraint.value;
    const {low, high} = rangeOf(kind, model);
    if (kind === "max_loss") return 0.01;
    const of = planned ?? reference;
    if (kind === "min_accuracy" && typeof of?.accuracy === "number") return Math.floor(of.accuracy * 1000) / 1000;
    if (kind === "min_throughput" && of) return Math.min(high, Math.floor(of.speed / range.step) * range.step || low);
    return low;
  }

  function set(kind, value, source = null) {
    constraint = {kind, value: clean(value)};
    range = rangeOf(kind, model);
    const inUnit = clean(constraint.value * range.scale);
    Object.assign(slider, {min: clean(range.low * range.scale), max: clean(range.high * range.scale), step: clean(range.step * range.scale)});
    slider.value = inUnit;
    slider.setAttribute("aria-valuetext", kinds[kind].show(constraint.value));
    if (source !== exact) {
      Object.assign(exact, {min: 0, step: clean(range.step * range.scale)});
      exact.value = inUnit;
    }
    unit.textContent = range.unit;
    question.textContent = kinds[kind].question;
    for (const radio of radios) radio.checked = radio.value === kind;
    const result = choose(candidates, reference, constraint);
    back.hidden = !planConstraint || (kind === planConstraint.kind && constraint.value === planConstraint.value);
    replaceContent(verdict, words(model, constraint, result));
    verdict.dataset.chosen = result.chosen?.id ?? "";
    onChange({constraint, ...result});
  }

  const element = h("div", {class: "explorer"},
    available.length > 1
      ? h("fieldset", {class: "kinds"}, h("legend", {class: "hidden"}, "Kind of constraint"),
        available.map((kind, i) => h("label", {for: `kind-${kind}`}, radios[i], h("span", {}, kinds[kind].title))))
      : null,
    h("div", {class: "value"}, question, h("span", {class: "exact"}, exact, unit), slider, back),
    verdict);
  return {element, start: () => set(constraint.kind, constraint.value)};
}

function words(model, constraint, {chosen, isMet, nearest}) {
  const {reference, planned, planning, accuracyName} = model;
  if (!chosen) {
    return [h("p", {class: "headline"}, "No plan does that."),
      nearest ? h("p", {}, `The nearest is ${nearest.id}, ${nameOf(nearest)}: ${perSecond(nearest.speed)}, ${accuracyName.toLowerCase()} ${percent(nearest.accuracy)}.`) : null];
  }
  const facts = [`${perSecond(chosen.speed)} ${chosen.isMeasured ? "(measured)" : "(estimated)"}`];
  if (typeof chosen.accuracy === "number") facts.push(`${accuracyName.toLowerCase()} ${percent(chosen.accuracy)} (${percent(chosen.accuracy_low)} to ${percent(chosen.accuracy_high)})`);
  if (typeof chosen.cents_per_million === "number") facts.push(`${cents(chosen.cents_per_million)} a million items`);
  if (typeof chosen.latency_ms === "number") facts.push(`latency ${milliseconds(chosen.latency_ms / 1e3)}`);
  const sentences = [];
  if (constraint.kind === "max_loss" && !isMet) {
    sentences.push(`No cheaper plan is shown to lose at most ${points(constraint.value)} (upper 95 % bound), so the reference itself runs.`);
  } else if (chosen === reference) {
    sentences.push("It is the reference itself.");
  } else if (typeof chosen.loss_upper === "number") {
    sentences.push(`It loses ${points(chosen.loss)} against the reference ${reference ? reference.id : ""}, at most ${points(chosen.loss_upper)} (upper 95 % bound).`);
  }
  if (reference && chosen !== reference && reference.speed > 0) sentences.push(`${times(chosen.speed / reference.speed)} the reference’s throughput.`);
  const isAsPlanned = planning.constraint?.kind === constraint.kind && planning.constraint?.value === constraint.value;
  if (isAsPlanned && planned && planned !== chosen) {
    sentences.push(`The plan says ${planned.id}${planned.reason ? `: ${planned.reason}` : ""}.`);
  } else if (isAsPlanned && planned === chosen) {
    sentences.push("This is what the plan runs.");
  }
  return [
    h("p", {class: "headline"}, h("span", {class: "badge"}, chosen.id), ` ${nameOf(chosen)}`),
    h("p", {class: "facts"}, facts.join(" · ")),
    h("p", {}, sentences.join(" ")),
  ];
}
