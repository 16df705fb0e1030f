// Builds the page from the embedded document. One state: the constraint's choice, and the candidate that the reader picked.
import {candidateTable} from "./candidates.js";
import {costModelChart} from "./cost_models.js";
import {h, section} from "./dom.js";
import {exampleGallery} from "./examples.js";
import {explorer} from "./explorer.js";
import {factList} from "./facts.js";
import {count, date} from "./format.js";
import {nameOf, readDocument} from "./model.js";
import {paretoChart} from "./pareto.js";
import {runFacts} from "./run.js";
import {themeButton} from "./theme.js";
import {waterfallChart} from "./waterfall.js";

const kPrintWidth = 860; // of the charts, in CSS pixels; scaled to the page, so that their text is as small as the page's

const model = readDocument();
const charts = [];
const main = h("main", {id: "main"});
const state = {choice: null, selected: null};

function heading() {
  const {planning, run, plan, planned} = model;
  const calibration = planning?.calibration;
  const facts = [
    planning?.made_at ? `planned ${date(planning.made_at)}` : null,
    model.candidates.length > 0 ? `${count(model.candidates.length)} candidates` : null,
    calibration?.items ? `calibrated on ${count(calibration.items)} items${calibration.groups ? ` in ${count(calibration.groups)} groups` : ""} (${model.metric.title})` : null,
    plan?.id ? `plan ${plan.id}` : run?.plan_id ? `plan ${run.plan_id}` : null,
  ];
  return h("header", {class: "page-header"},
    h("div", {},
      h("p", {class: "kicker"}, run ? (planning ? "smol · run and plan" : "smol · run") : "smol · plan"),
      h("h1", {}, planned ? nameOf(planned) : model.title),
      h("p", {class: "muted"}, facts.filter(Boolean).join(" · ")),
      h("p", {class: "muted source"}, model.sources?.join(" · "))),
    themeButton());
}

function explore() {
  if (model.candidates.length === 0) return null;
  const hasAccuracy = model.candidates.some((candidate) => typeof candidate.accuracy === "number");
  const chart = hasAccuracy ? paretoChart(model, {onSelect: select}) : null;
  const panel = explorer(model, {onChange: (choice) => { state.choice = choice; update(); }});
  if (chart) charts.push(chart);
  return {
    section: section("choice", "The choice", panel.element, chart?.figure ?? h("p", {class: "notice"}, "No accuracies in this plan: nothing to draw.")),
    chart,
    start: panel.start,
  };
}

function select(candidate) {
  state.selected = state.selected === candidate ? null : candidate;
  update();
}

// The demand of what is looked at: the picked candidate, or else the choice. A run's own figures belong to its own plan.
function update() {
  const {choice, selected} = state;
  exploring?.chart?.mark({chosen: choice.chosen, selected, constraint: choice.constraint});
  table?.mark(choice?.chosen ?? null, selected);
  const shown = selected ?? choice?.chosen ?? null;
  const isOfRun = shown === null || shown === model.planned;
  const note = !model.run ? null : isOfRun ? "Measured: the run." : "The run’s own times are of another plan and not shown.";
  waterfall?.show(shown, isOfRun ? model.run : null, note);
  waterfall?.draw(waterfall.width);
}

const exploring = explore();
const table = model.candidates.length > 0 ? candidateTable(model, {onSelect: select}) : null;
const costs = costModelChart(model);
const hasTimes = model.run?.stages || model.candidates.some((candidate) => candidate.demand);
const waterfall = hasTimes ? waterfallChart() : null;
if (waterfall) charts.push(waterfall);
if (costs) charts.push(costs);

main.append(...[
  model.run ? section("run", "The run", runFacts(model.run)) : null,
  exploring?.section,
  waterfall ? section("stages", "Where the time goes", waterfall.figure) : null,
  costs ? section("models", "Cost models against measurement", costs.figure) : null,
  table ? section("candidates", "Candidates", table.element) : null,
  model.examples?.length ? section("examples", "Examples", exampleGallery(model)) : null,
  section("machine", "Machine, versions, plan",
    h("div", {class: "fact-groups"},
      factList("Machine", model.planning?.machine),
      factList("Versions", model.planning?.versions),
      factList("Engine", model.run?.engine ?? model.plan?.engine),
      factList("Prices", model.planning?.prices)),
    model.plan ? h("details", {}, h("summary", {}, "The plan as it is run"), h("pre", {tabIndex: 0}, JSON.stringify(model.plan, null, 2))) : null),
].filter(Boolean));

document.getElementById("page").append(heading(), main,
  h("footer", {}, h("details", {}, h("summary", {}, "Licences of what draws this page"), h("pre", {tabIndex: 0}, document.getElementById("notices").textContent))));

function drawAll(width) {
  for (const chart of charts) {
    chart.width = width;
    chart.draw(width);
  }
}

const available = () => Math.max(280, Math.floor(main.clientWidth));
let drawnWidth = available();
drawAll(drawnWidth);
if (exploring) exploring.start();
else update();
new ResizeObserver(() => {
  if (available() === drawnWidth) return;
  drawnWidth = available();
  requestAnimationFrame(() => drawAll(drawnWidth));
}).observe(main);
addEventListener("beforeprint", () => drawAll(kPrintWidth));
addEventListener("afterprint", () => drawAll(drawnWidth));
