// A finished run: how many, how fast, what failed, and the quote against what it came to.
import {h, textTable} from "./dom.js";
import {cents, count, percent, perSecond, seconds, signedPercent} from "./format.js";

export function runFacts(run) {
  const failed = Object.entries(run.failed_by_code ?? {}).sort((a, b) => b[1] - a[1]);
  const total = run.items ?? 0;
  return [
    run.interrupted ? h("p", {class: "notice"}, "This run was interrupted: the same command continues it.") : null,
    h("dl", {class: "cards"},
      card("Items", count(total), `${count(total - (run.failed ?? 0))} ok, ${count(run.failed)} failed`),
      card("Throughput", perSecond(run.items_per_s), `${count(run.items_now)} items in ${seconds(run.wall_seconds)}, after ${seconds(run.startup_seconds)} to start`),
      run.bottleneck ? card("Bound by", run.bottleneck.stage, run.bottleneck.reason) : null,
      run.engine ? card("Engine", `batch ${count(run.engine.batch)}`, `${count(run.engine.producers)} producers, ${count(run.engine.streams)} streams; ${run.engine.backend}`) : null),
    failed.length > 0
      ? [h("h3", {}, "What failed"), textTable("Failures by code", [{title: "Code"}, {title: "Items", number: true}, {title: "Share", number: true}],
        failed.map(([code, items]) => [code, count(items), percent(items / Math.max(1, total))]))]
      : h("p", {class: "muted"}, "Nothing failed."),
    run.quote ? [h("h3", {}, "Quote against actual"), quoteTable(run.quote)] : null,
  ];
}

export function card(title, value, note) {
  return h("div", {class: "card"}, h("dt", {}, title), h("dd", {class: "figure"}, value), note ? h("dd", {class: "note"}, note) : null);
}

// {seconds: {quoted, low, high, actual}, cents: {…}, items_per_s: {…}}: what smol said before, and what it came to.
function quoteTable(quote) {
  const shows = {seconds, cents, items_per_s: perSecond};
  const titles = {seconds: "Time", cents: "Cost", items_per_s: "Throughput"};
  const known = Object.keys(shows).filter((key) => quote[key]);
  return textTable("Quote against actual", [
    {title: ""}, {title: "Quoted", number: true}, {title: "Interval", number: true}, {title: "Actual", number: true}, {title: "Actual against quote", number: true},
  ], known.map((key) => {
    const {quoted, low, high, actual} = quote[key];
    const show = shows[key];
    return [titles[key], show(quoted), `${show(low)} to ${show(high)}`, show(actual), signedPercent(actual / quoted - 1)];
  }));
}
