// Names and values as the files have them: machine, versions, the plan itself.
import {h} from "./dom.js";
import {count} from "./format.js";

// A flat list of any JSON object; what nests is joined by dots.
function flat(value, prefix = "") {
  if (value === null || value === undefined) return [];
  if (typeof value !== "object") return [[prefix, typeof value === "number" ? (Number.isInteger(value) ? count(value) : String(value)) : String(value)]];
  if (Array.isArray(value)) return [[prefix, value.map((entry) => (typeof entry === "object" ? JSON.stringify(entry) : String(entry))).join(", ")]];
  return Object.entries(value).flatMap(([key, entry]) => flat(entry, prefix ? `${prefix}.${key}` : key.replaceAll("_", " ")));
}

export function factList(...objects) {
  const facts = objects.flatMap((object) => flat(object));
  if (facts.length === 0) return null;
  return h("dl", {class: "pairs"}, facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}
