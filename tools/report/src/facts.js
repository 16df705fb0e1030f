// Names and values as the files have them: machine, versions, engine, prices.
import {h} from "./dom.js";
import {bytes, quantity} from "./format.js";

function textOf(key, value) {
  if (typeof value === "number") return key.endsWith("_bytes") ? bytes(value) : Number.isInteger(value) ? String(value) : quantity(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

// `object` is flat, or null; a value that nests is shown as JSON.
export function factList(title, object) {
  const facts = Object.entries(object ?? {}).filter(([, value]) => value !== null && value !== "");
  if (facts.length === 0) return null;
  return h("div", {class: "facts-of"}, h("h3", {}, title),
    h("dl", {class: "pairs"}, facts.map(([key, value]) =>
      h("div", {}, h("dt", {}, key.replace(/_bytes$/, "").replaceAll("_", " ")), h("dd", {}, textOf(key, value))))));
}
