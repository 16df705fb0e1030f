// Busy time of each stage an item, end to end: predicted by the plan, measured by the run.
import {axisX, axisY, barX, gridX, plot, ruleX, text} from "@observablehq/plot";
import {asText, h, textTable} from "./dom.js";
import {bytes, milliseconds, quantity, signedPercent} from "./format.js";
import {busyTimes, nameOf} from "./model.js";

const kRowHeight = 34;
const sources = [
  {key: "predicted", title: "predicted", fill: "var(--predicted)"},
  {key: "measured", title: "measured in the run", fill: "var(--measured)"},
];

// One bar a stage and source; each begins where the one before it ended. Device time runs beside the cores, so it begins at 0.
function steps(rows, key) {
  let end = 0;
  const bars = [];
  for (const row of rows) {
    if (row[key] === null) continue;
    const start = row.resource === "device" ? 0 : end;
    bars.push({name: row.name, key, start, end: start + row[key], seconds: row[key]});
    if (row.resource !== "device") end += row[key];
  }
  if (bars.length > 1) bars.push({name: "all cores", key, start: 0, end, seconds: end, isTotal: true});
  return bars;
}

export function waterfallChart() {
  const holder = h("div", {});
  const caption = h("figcaption", {});
  const table = h("div", {});
  const legend = h("ul", {class: "legend", "aria-label": "Colours"});
  const figure = h("figure", {}, holder, legend, caption, asText("The stages as a table", table));
  let shown = null;

  function draw(width) {
    if (!shown) return;
    const {rows, used} = shown;
    const bars = used.flatMap((source) => steps(rows, source.key));
    const names = [...new Set([...rows.map((row) => row.name), ...bars.map((bar) => bar.name)])];
    const longest = Math.max(...bars.map((bar) => bar.end));
    const common = {x1: (bar) => bar.start * 1e3, x2: (bar) => bar.end * 1e3, y: "name", rx: 1.5};
    holder.replaceChildren(plot({
      width,
      height: 60 + names.length * kRowHeight,
      marginLeft: 104, marginRight: 76, marginTop: 8, marginBottom: 48,
      style: {fontSize: "13px"},
      ariaLabel: "Busy time of each stage an item",
      ariaDescription: "The same figures stand in the table below the chart.",
      x: {domain: [0, longest * 1e3]},
      y: {domain: names, padding: 0.22},
      marks: [
        gridX({ticks: Math.max(3, Math.round(width / 120)), stroke: "var(--grid)", strokeOpacity: 1}),
        axisX({ticks: Math.max(3, Math.round(width / 120)), tickFormat: quantity, label: "Busy time an item, ms", labelArrow: "right", labelOffset: 38}),
        axisY({tickSize: 0, label: null}),
        ...used.map((source, i) => {
          const inset = used.length < 2 ? {} : i === 0 ? {insetBottom: kRowHeight * 0.4} : {insetTop: kRowHeight * 0.4};
          return barX(bars.filter((bar) => bar.key === source.key), {...common, ...inset, fill: source.fill});
        }),
        ...used.map((source, i) => text(bars.filter((bar) => bar.key === source.key), {
          x: (bar) => bar.end * 1e3, y: "name", text: (bar) => milliseconds(bar.seconds), textAnchor: "start", dx: 5,
          dy: used.length < 2 ? 0 : (i === 0 ? -1 : 1) * kRowHeight * 0.2, fill: "var(--ink)",
          fontWeight: (bar) => (bar.isTotal ? 600 : 400),
        })),
        ruleX([0], {stroke: "var(--line)"}),
      ],
    }));
  }

  function show(candidate, run, runNote) {
    const rows = busyTimes(candidate?.demand, run);
    const used = sources.filter((source) => rows.some((row) => row[source.key] !== null));
    shown = {rows, used};
    legend.replaceChildren(...used.map((source) => h("li", {class: `key-${source.key}`}, source.title)));
    const read = candidate?.demand?.bytes_read;
    caption.textContent = [
      candidate ? `Predicted: ${candidate.id}, ${nameOf(candidate)}${read ? `; ${bytes(read)} read an item` : ""}.` : null,
      candidate?.bound_by ? `Bound by: ${candidate.bound_by}.` : null,
      runNote,
    ].filter(Boolean).join(" ");
    table.replaceChildren(textTable("Busy time an item", [
      {title: "Stage"}, {title: "Resource"}, {title: "Predicted", number: true}, {title: "Measured", number: true}, {title: "Predicted against measured", number: true},
    ], rows.map((row) => [row.name, row.resource, milliseconds(row.predicted), milliseconds(row.measured),
      row.predicted !== null && row.measured ? signedPercent(row.predicted / row.measured - 1) : "–"])));
  }
  return {figure, show, draw};
}
