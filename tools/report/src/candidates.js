// Every candidate with its figures and its reason: sortable, filterable, a page of rows at a time.
import {h, replaceContent} from "./dom.js";
import {count, milliseconds, quantity} from "./format.js";
import {statuses} from "./model.js";

const kRowsAtOnce = 100;

const second = (text) => h("span", {class: "second"}, text);

function columnsOf(model) {
  const {candidates, metric} = model;
  const interval = (c) => (typeof c.accuracy_low === "number" ? `${metric.show(c.accuracy_low)} to ${metric.show(c.accuracy_high)}` : "");
  const has = (test) => candidates.some((candidate) => typeof test(candidate) === "number");
  return [
    {key: "id", title: "Plan", value: (c) => c.id},
    {key: "model", title: "Model, format", value: (c) => `${c.model} ${c.format}`, show: (c) => [c.model, second(c.format)], class: "names"},
    {key: "speed", title: "Items/s", value: (c) => c.speed, show: (c) => [quantity(c.speed), second(c.isMeasured ? "measured" : "estimated")], number: true},
    {key: "accuracy", title: metric.title, value: (c) => c.accuracy, show: (c) => [metric.show(c.accuracy), second(interval(c))], number: true, when: has((c) => c.accuracy)},
    {key: "loss_upper", title: "Loss at most", value: (c) => c.loss_upper, show: (c) => [metric.difference(c.loss_upper), second(c === model.reference ? "reference" : c.resolved === false ? "unresolved" : "")], number: true, when: has((c) => c.loss_upper)},
    {key: "cents", title: "¢ a million", value: (c) => c.cents_per_million, show: (c) => quantity(c.cents_per_million), number: true, when: has((c) => c.cents_per_million)},
    {key: "latency", title: "Latency", value: (c) => c.latency_ms, show: (c) => milliseconds(c.latency_ms / 1e3), number: true, when: has((c) => c.latency_ms)},
    {key: "status", title: "Status", value: (c) => statuses.indexOf(c.status), show: (c) => [h("span", {class: `status ${statuses.includes(c.status) ? c.status : ""}`}, c.status), second(c.bound_by ? `bound by ${c.bound_by}` : "")]},
    {key: "reason", title: "Why", value: (c) => c.reason ?? "", class: "reason"},
  ].filter((column) => column.when !== false);
}

const collator = new Intl.Collator("en", {numeric: true});
function compare(a, b) {
  const missing = (value) => value === null || value === undefined || value === "";
  if (missing(a) || missing(b)) return missing(a) - missing(b);
  return typeof a === "number" && typeof b === "number" ? a - b : collator.compare(a, b);
}

export function candidateTable(model, {onSelect}) {
  const columns = columnsOf(model);
  const searched = new Map(model.candidates.map((c) => [c, [c.id, c.model, c.format, c.cut, c.backend, c.bound_by, c.status, c.reason].join(" ").toLowerCase()]));
  let sort = null; // the plan's order of interest until a header is pressed
  let limit = kRowsAtOnce;
  let chosen = null;
  let selected = null;
  let rows = new Map();

  const initial = [...model.candidates].sort((a, b) => statusRank(a) - statusRank(b) || b.speed - a.speed);
  const filter = h("input", {type: "search", id: "filter", autocomplete: "off", placeholder: "model, format, reason …", oninput: () => { limit = kRowsAtOnce; draw(); }});
  const only = h("select", {id: "only", onchange: () => { limit = kRowsAtOnce; draw(); }},
    h("option", {value: ""}, "all"), statuses.filter((s) => model.candidates.some((c) => c.status === s)).map((s) => h("option", {value: s}, s)));
  const shown = h("p", {class: "shown", role: "status", "aria-live": "polite"});
  const more = h("button", {type: "button", class: "quiet", onclick: () => { limit = Infinity; draw(); }});
  const headers = columns.map((column) => {
    const button = h("button", {type: "button", onclick: () => sortBy(column)}, column.title, h("span", {class: "arrow", "aria-hidden": "true"}));
    return h("th", {scope: "col", class: column.number ? "number" : null, "data-key": column.key}, button);
  });
  const body = h("tbody", {});

  function sortBy(column) {
    // Numbers of which more is better begin with the largest.
    const first = ["speed", "accuracy"].includes(column.key) ? -1 : 1;
    sort = sort?.column === column ? {column, direction: -sort.direction} : {column, direction: first};
    draw();
  }

  function draw() {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const matching = initial.filter((c) => (!only.value || c.status === only.value) && words.every((word) => searched.get(c).includes(word)));
    if (sort) {
      const {column, direction} = sort;
      matching.sort((a, b) => direction * compare(column.value(a), column.value(b)));
    }
    headers.forEach((header, i) => {
      const isSorted = sort?.column === columns[i];
      header.setAttribute("aria-sort", isSorted ? (sort.direction > 0 ? "ascending" : "descending") : "none");
      header.querySelector(".arrow").textContent = isSorted ? (sort.direction > 0 ? " ▲" : " ▼") : "";
    });
    const visible = matching.slice(0, limit);
    rows = new Map(visible.map((candidate) => [candidate.id, rowOf(candidate)]));
    replaceContent(body, [...rows.values()]);
    shown.textContent = visible.length === model.candidates.length
      ? `All ${count(visible.length)} candidates`
      : `${count(visible.length)} of ${count(matching.length)}${matching.length < model.candidates.length ? ` that match (of ${count(model.candidates.length)})` : ""}`;
    more.hidden = visible.length === matching.length;
    more.textContent = `Show all ${count(matching.length)}`;
    highlight();
  }

  function rowOf(candidate) {
    return h("tr", {"data-id": candidate.id, class: candidate === model.reference ? "reference" : null},
      columns.map((column, i) => {
        const content = column.show ? column.show(candidate) : column.value(candidate) ?? "–";
        if (i > 0) return h("td", {class: [column.number ? "number" : "", column.class ?? ""].join(" ").trim() || null}, content);
        return h("th", {scope: "row"},
          h("button", {type: "button", class: "pick", title: "Show in the charts", "aria-pressed": "false", onclick: () => onSelect(candidate)}, content));
      }));
  }

  function highlight() {
    for (const [id, row] of rows) {
      row.classList.toggle("is-choice", id === chosen?.id);
      row.classList.toggle("is-selected", id === selected?.id);
      row.querySelector(".pick").setAttribute("aria-pressed", String(id === selected?.id));
    }
  }

  function statusRank(candidate) {
    const rank = statuses.indexOf(candidate.status);
    return rank < 0 ? statuses.length : rank;
  }

  draw();
  return {
    element: h("div", {},
      h("div", {class: "filters"},
        h("label", {for: "filter"}, "Filter"), filter, h("label", {for: "only"}, "Status"), only, shown, more),
      h("div", {class: "scroll", tabIndex: 0, role: "region", "aria-label": "Candidates"},
        h("table", {class: "candidates"}, h("caption", {class: "hidden"}, "Candidates; the buttons in the header sort"), h("thead", {}, h("tr", {}, headers)), body))),
    mark(nextChosen, nextSelected) {
      chosen = nextChosen;
      selected = nextSelected;
      highlight();
    },
  };
}
