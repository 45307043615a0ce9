// A code that is not ours: said, and where it would lead shown as text that cannot be tapped.

import { element, show } from "./elements.js";

/** @typedef {import("./tag.js").Foreign} Foreign */

const SHOWN_CHARACTERS = 300;

/** @param {Foreign} code */
export function showForeign({ host, text }) {
  const holds = element("foreign-text", HTMLElement);
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
  const isNew = holds.textContent !== shown;
  element("foreign-host", HTMLElement).textContent = host;
  holds.textContent = shown;
  show("foreign-leads", host !== "");
  show("foreign-holds", host === "");
  show("foreign", true);
  if (isNew) element("foreign", HTMLElement).scrollIntoView({ block: "nearest" });
}
