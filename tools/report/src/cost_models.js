// The four cost models against what was measured end to end.
import {axisX, axisY, dot, gridX, plot, pointer, ruleX, tip} from "@observablehq/plot";
import {h, textTable} from "./dom.js";
import {count, percent, perSecond, signedPercent} from "./format.js";
import {costModels, modelErrors, nameOf, regrets} from "./model.js";

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

export function costModelChart(model) {
  const errors = modelErrors(model.candidates);
  if (errors.length === 0) return null;
  const regret = regrets(model.candidates);
  const used = costModels.filter(({key}) => errors.some((error) => error.key === key));
  const values = errors.map(({error}) => error);
  const [low, high] = [Math.min(-0.1, ...values), Math.max(0.1, ...values)];
  const pad = (high - low) * 0.04;
  const holder = h("div", {});

  function draw(width) {
    const isNarrow = width < 480;
    holder.replaceChildren(plot({
      width,
      height: 68 + used.length * 40,
      marginLeft: isNarrow ? 112 : 168, marginRight: 20, marginTop: 8, marginBottom: 48,
      style: {fontSize: "13px"},
      ariaLabel: "Errors of the four cost models",
      ariaDescription: "Mean and worst errors stand in the table below the chart.",
      x: {domain: [low - pad, high + pad]},
      y: {type: "point", domain: used.map(({title}) => title), padding: 0.6},
      marks: [
        gridX({ticks: Math.max(3, Math.round(width / 110)), stroke: "var(--grid)", strokeOpacity: 1}),
        axisX({ticks: Math.max(3, Math.round(width / 110)), tickFormat: (value) => `${value > 0 ? "+" : ""}${Math.round(value * 1000) / 10}`.replace("-", "−"), label: "Estimate above measured throughput, %", labelArrow: "right", labelOffset: 40}),
        axisY({tickSize: 0, label: null, tickFormat: (title) => (isNarrow ? title.replace(/ \(.*/, "") : title)}),
        ruleX([0], {stroke: "var(--ink)", strokeWidth: 1.2}),
        dot(errors, {x: "error", y: "title", r: 4, fill: "var(--predicted)", fillOpacity: 0.45, stroke: "var(--predicted)"}),
        tip(errors, pointer({
          x: "error", y: "title", fill: "var(--paper)", stroke: "var(--line)", fontSize: 13, lineWidth: 30,
          title: ({candidate, key, title, error}) => [
            `${candidate.id}: ${nameOf(candidate)}`,
            `${title}: ${perSecond(candidate.throughput[key])}`,
            `measured: ${perSecond(candidate.throughput.measured)} (${signedPercent(error)})`,
          ].join("\n"),
        })),
      ],
    }));
  }

  const table = textTable("Errors of the cost models", [
    {title: "Model"}, {title: "Mean error", number: true}, {title: "Worst", number: true}, {title: "Regret", number: true}, {title: "Plans measured", number: true},
  ], used.map(({key, title}) => {
    const own = errors.filter((error) => error.key === key).map(({error}) => error);
    const worst = own.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a));
    return [title, percent(mean(own.map(Math.abs))), signedPercent(worst), percent(regret.get(key)), count(own.length)];
  }));
  return {
    figure: h("figure", {}, holder,
      h("figcaption", {}, "Each dot is a plan that was run end to end. Regret: how much slower the plan that a model ranks first is than the fastest, as measured."), table),
    draw,
  };
}
