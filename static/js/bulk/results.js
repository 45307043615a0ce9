// The rows that were checked so far: counted, sorted with the worst first, and as many shown as a page can hold.

import { element } from "../scan/elements.js";

/** @typedef {import("./send.js").Row} Row */

const MOST_SHOWN = 300;

/**
 * @param {Row[]} rows
 * @param {(times: number) => string} repeatWords
 */
export function showLines(rows, repeatWords) {
  const body = element("lines", HTMLTableElement).tBodies[0];
  body.replaceChildren(...rows.slice(0, MOST_SHOWN).map((row) => line(row, repeatWords)));
  return Math.min(rows.length, MOST_SHOWN);
}

/**
 * @param {Row[]} rows
 * @param {boolean} flaggedOnly
 * @returns {Row[]} the worst first
 */
export function sorted(rows, flaggedOnly) {
  const wanted = rows.filter((row) => !flaggedOnly || row.rank > 0 || row.times > 1);
  return wanted.sort((one, other) => other.rank - one.rank || other.times - one.times || one.line - other.line);
}

/**
 * Mark units that stand in the list more than once: parts do not know of each other.
 * @param {Row[]} rows
 * @returns {number} how many units that are
 */
export function markRepeats(rows) {
  const times = new Map();
  for (const { unit } of rows) if (unit) times.set(unit, (times.get(unit) ?? 0) + 1);
  for (const row of rows) if (row.unit) row.times = times.get(row.unit);
  return [...times.values()].filter((count) => count > 1).length;
}

/**
 * @param {Row[]} rows
 * @param {number} repeated
 */
export function showTallies(rows, repeated) {
  const counts = new Map([["repeated", repeated]]);
  for (const { kind } of rows) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  for (const item of element("tallies", HTMLUListElement).querySelectorAll("li")) {
    const count = counts.get(item.dataset.kind ?? "") ?? 0;
    item.toggleAttribute("hidden", count === 0);
    const number = item.querySelector("strong");
    if (number) number.textContent = count.toLocaleString(document.documentElement.lang);
  }
}

/**
 * @param {Row} row
 * @param {(times: number) => string} repeatWords
 * @returns {HTMLTableRowElement}
 */
function line(row, repeatWords) {
  const copy = /** @type {DocumentFragment} */ (element("line", HTMLTemplateElement).content.cloneNode(true));
  const shown = /** @type {HTMLTableRowElement} */ (copy.firstElementChild);
  /** @param {string} name */
  const cell = (name) => /** @type {HTMLElement} */ (shown.querySelector(name));
  shown.className = row.tone;
  cell(".number").textContent = String(row.line);
  cell(".symbol").replaceWith(element(`symbol-${row.symbol}`, HTMLTemplateElement).content.cloneNode(true));
  cell(".title").textContent = row.title;
  cell(".repeat").hidden = row.times < 2;
  cell(".repeat").textContent = repeatWords(row.times);
  cell(".says").textContent = row.text;
  cell(".product").textContent = row.product;
  cell("code").textContent = row.given;
  cell("code").hidden = row.serial !== "";
  cell(".code").hidden = row.serial === "";
  cell(".code").textContent = row.serial;
  if (row.path) cell(".code").setAttribute("href", row.path);
  return shown;
}
