// One label, judged on this device alone: shown where its own page cannot be.

import { element, show } from "./elements.js";
import { fill, minuteOf } from "./verdicts.js";

/**
 * @param {import("./verdicts.js").Verdict} verdict
 * @param {import("../offline/provisions.js").Provisions} provisions
 */
export function showJudged(verdict, { trustAt, recallsAt }) {
  const panel = element("judged", HTMLElement);
  panel.className = `card verdict ${verdict.tone}`;
  element("judged-symbol", HTMLElement).replaceChildren(symbolOf(verdict.symbol));
  for (const part of ["title", "text", "advice"]) element(`judged-${part}`, HTMLElement).textContent = verdict[part];
  const serial = element("judged-serial", HTMLElement);
  serial.textContent = verdict.serial;
  show("judged-pack", verdict.serial !== "");
  element("judged-gtin", HTMLElement).textContent = verdict.gtin;
  element("judged-lot", HTMLElement).textContent = verdict.lot;
  show("judged-lot-row", verdict.lot !== "");
  const known = element("judged-known", HTMLElement);
  known.textContent = fill(known.dataset.template ?? "", { keys: since(trustAt), recalls: since(recallsAt) });
  show("judged", true);
  panel.focus();
  panel.scrollIntoView({ block: "nearest" });
}

/**
 * @param {string} name
 * @returns {Node}
 */
export function symbolOf(name) {
  return element(`symbol-${name}`, HTMLTemplateElement).content.cloneNode(true);
}

/** @param {string | null} time */
function since(time) {
  return time === null ? "–" : minuteOf(time);
}
