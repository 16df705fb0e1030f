// Elements from plain values. Text only ever becomes text nodes and attribute values: nothing from data is parsed as HTML.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value);
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(element, child);
    else element.append(child instanceof Node ? child : String(child));
  }
}

export function replaceContent(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

// A table of text: `columns` are {title, number?}, `rows` lists of cells.
export function textTable(caption, columns, rows) {
  return h("div", {class: "scroll", tabIndex: 0, role: "region", "aria-label": caption},
    h("table", {},
      h("caption", {class: "hidden"}, caption),
      h("thead", {}, h("tr", {}, columns.map((column) => h("th", {scope: "col", class: column.number ? "number" : null}, column.title)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell, i) =>
        i === 0 ? h("th", {scope: "row"}, cell) : h("td", {class: columns[i].number ? "number" : null}, cell)))))));
}

// The text that stands for a chart, for whoever cannot or would rather not read the picture.
export function asText(title, ...content) {
  return h("details", {class: "as-text"}, h("summary", {}, title), ...content);
}

export function section(id, title, ...content) {
  return h("section", {id, "aria-labelledby": `${id}-title`}, h("h2", {id: `${id}-title`}, title), ...content);
}
