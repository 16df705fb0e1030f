// Pictures with what each format made of them.
import {h} from "./dom.js";
import {nameOf} from "./model.js";

export function exampleGallery(model) {
  const isLabelled = model.planning?.calibration?.labelled !== false;
  return h("ul", {class: "examples"}, model.examples.map((example) => {
    const truth = isLabelled ? example.label : null;
    const predictions = Object.entries(example.predictions ?? {});
    return h("li", {},
      example.image
        ? h("img", {src: example.image, width: example.width, height: example.height, alt: alternative(example, truth), loading: "lazy"})
        : h("p", {class: "no-picture"}, `no picture: ${example.why ?? "it could not be read"}`),
      h("p", {class: "example-name"}, example.id),
      truth ? h("p", {}, h("span", {class: "muted"}, "label: "), h("strong", {}, truth)) : null,
      h("dl", {}, predictions.map(([id, prediction]) => {
        const candidate = model.byId.get(id);
        const isRight = truth ? prediction === truth : null;
        return h("div", {},
          h("dt", {}, candidate ? nameOf(candidate) : id),
          h("dd", {class: isRight === null ? null : isRight ? "right" : "wrong"},
            isRight === null ? null : h("span", {class: "verdict-mark", "aria-hidden": "true"}, isRight ? "✓ " : "✗ "),
            prediction, isRight === null ? null : h("span", {class: "hidden"}, isRight ? " (right)" : " (wrong)")));
      })));
  }));
}

function alternative(example, truth) {
  return truth ? `Picture ${example.id}, labelled ${truth}` : `Picture ${example.id}`;
}
