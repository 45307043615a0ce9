// What was found on a photograph, drawn over it: each code in the colour of its verdict, with the number of its line.

import { element, show } from "./elements.js";
import { symbolOf } from "./judged.js";
import { fill } from "./verdicts.js";

/**
 * @typedef {import("../bulk/send.js").Row} Row
 * @typedef {{corners: [number, number][], row: Row, likeness: string}} Found corners: four, in pixels of the upright photograph;
 *   likeness: how a code was recognised that could not be read
 */

const SVG = "http://www.w3.org/2000/svg";
const NUMBER_OF_SIDE = 0.45; // a number's height, as a share of its code's shortest side

/**
 * @param {{codes: Found[], left_out: number}} found
 * @param {HTMLImageElement} preview
 */
export function showCodes({ codes, left_out: leftOut }, preview) {
  const sorted = [...codes].sort((one, other) => other.row.rank - one.row.rank);
  const title = element("found-title", HTMLElement);
  title.textContent = fill(title.dataset.template ?? "", { count: codes.length });
  const left = element("found-left", HTMLElement);
  left.textContent = fill(left.dataset.template ?? "", { count: leftOut });
  left.hidden = leftOut === 0;
  element("found-codes", HTMLOListElement).replaceChildren(...sorted.map(line));
  drawPicture(sorted, preview);
  show("found", true);
  title.focus();
  title.scrollIntoView({ block: "start" });
}

/**
 * @param {Found[]} codes
 * @param {HTMLImageElement} preview
 */
function drawPicture(codes, preview) {
  const isShown = !preview.hidden && preview.naturalWidth > 0;
  show("found-picture", isShown);
  if (!isShown) return;
  element("found-image", HTMLImageElement).src = preview.src;
  const overlay = element("found-overlay", SVGSVGElement);
  overlay.setAttribute("viewBox", `0 0 ${preview.naturalWidth} ${preview.naturalHeight}`);
  overlay.replaceChildren(...codes.flatMap(({ corners, row }, place) => [outline(corners, row.tone), number(corners, row.tone, place + 1)]));
}

/**
 * @param {[number, number][]} corners
 * @param {string} tone
 */
function outline(corners, tone) {
  const polygon = document.createElementNS(SVG, "polygon");
  polygon.setAttribute("points", corners.map((corner) => corner.join(",")).join(" "));
  polygon.setAttribute("class", tone);
  return polygon;
}

/**
 * @param {[number, number][]} corners
 * @param {string} tone
 * @param {number} place
 */
function number(corners, tone, place) {
  const text = document.createElementNS(SVG, "text");
  const sides = corners.map(([x, y], at) => Math.hypot(x - corners[(at + 1) % 4][0], y - corners[(at + 1) % 4][1]));
  const middle = [0, 1].map((axis) => corners.reduce((sum, corner) => sum + corner[axis], 0) / 4);
  text.setAttribute("x", middle[0].toFixed(1));
  text.setAttribute("y", middle[1].toFixed(1));
  text.setAttribute("font-size", (Math.min(...sides) * NUMBER_OF_SIDE).toFixed(1));
  text.setAttribute("class", tone);
  text.textContent = String(place);
  return text;
}

/** @param {Found} found */
function line({ row, likeness }) {
  const copy = /** @type {DocumentFragment} */ (element("scan-line", HTMLTemplateElement).content.cloneNode(true));
  const shown = /** @type {HTMLElement} */ (copy.firstElementChild);
  /** @param {string} name */
  const part = (name) => /** @type {HTMLElement} */ (shown.querySelector(`.${name}`));
  shown.classList.add(row.tone);
  part("symbol").replaceWith(symbolOf(row.symbol));
  part("title").textContent = row.title;
  if (row.path) part("title").setAttribute("href", row.path);
  part("goods").textContent = [row.product, row.serial].filter(Boolean).join(" · ");
  part("given").textContent = row.serial ? "" : row.given.slice(0, 200);
  if (likeness) part("note").textContent = likeness;
  else part("note").remove();
  return shown;
}
