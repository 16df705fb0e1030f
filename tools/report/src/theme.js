// Light or dark: the reader's system decides until the button does.
import {h} from "./dom.js";

export function themeButton() {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const button = h("button", {type: "button", class: "quiet", id: "theme", onclick: () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    name();
  }});
  const name = () => { button.textContent = isDark() ? "Light colours" : "Dark colours"; };
  system.addEventListener("change", name);
  name();
  return button;
}
