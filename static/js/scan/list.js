// The list of scans: newest first, what the server said or, until then, what the device says; sums; a report in CSV.

import { report } from "../bulk/report.js";
import { element, show } from "./elements.js";
import { isMany } from "./options.js";
import { symbolOf } from "./judged.js";
import { fill, minuteOf } from "./verdicts.js";

/** @typedef {import("../offline/scans.js").Scan} Scan */

const MOST_SHOWN = 200;
const KINDS = Object.freeze(["stop", "suspect", "caution", "not_ours", "unchecked", "match", "unread"]);

/**
 * @param {import("../offline/scans.js").Scans} scans
 * @returns {{show(reachable: boolean): void}}
 */
export function attachList(scans) {
  element("clear", HTMLButtonElement).addEventListener("click", () => show("clear-sure", true));
  element("clear-no", HTMLButtonElement).addEventListener("click", () => show("clear-sure", false));
  element("clear-yes", HTMLButtonElement).addEventListener("click", async () => {
    await scans.clear();
    show("clear-sure", false);
    showAll([], true);
  });
  element("export", HTMLButtonElement).addEventListener("click", () => download(scans.all()));
  return { show: (reachable) => showAll(scans.all(), reachable) };
}

/**
 * @param {Scan[]} all
 * @param {boolean} reachable whether the server answered last
 */
function showAll(all, reachable) {
  const waiting = all.filter(({ row }) => row === null).length;
  show("list", isMany() || all.length > 0);
  show("list-empty", all.length === 0);
  for (const id of ["list-bar", "tallies"]) show(id, all.length > 0);
  show("waiting", waiting > 0);
  const line = element("waiting", HTMLElement);
  line.textContent = fill((reachable && navigator.onLine ? line.dataset.sending : line.dataset.offline) ?? "", { count: waiting });
  showTallies(all);
  element("scans", HTMLOListElement).replaceChildren(...all.slice(-MOST_SHOWN).reverse().map(item));
}

/** @param {Scan[]} all */
function showTallies(all) {
  const counts = new Map(KINDS.map((kind) => [kind, 0]));
  for (const scan of all) {
    const { kind } = saying(scan);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  for (const tally of element("tallies", HTMLUListElement).querySelectorAll("li")) {
    const count = counts.get(tally.dataset.kind ?? "") ?? 0;
    tally.toggleAttribute("hidden", count === 0);
    const number = tally.querySelector("strong");
    if (number !== null) number.textContent = count.toLocaleString(document.documentElement.lang);
  }
}

/** @param {Scan} scan */
function saying(scan) {
  return scan.row ?? { ...scan.local, product: "", path: "", given: scan.text };
}

/** @param {Scan} scan */
function item(scan) {
  const copy = /** @type {DocumentFragment} */ (element("scan-line", HTMLTemplateElement).content.cloneNode(true));
  const line = /** @type {HTMLElement} */ (copy.firstElementChild);
  /** @param {string} name */
  const part = (name) => /** @type {HTMLElement} */ (line.querySelector(`.${name}`));
  const { tone, symbol, title, product, serial, path, given } = saying(scan);
  line.classList.add(scan.twice ? "bad" : tone);
  part("symbol").replaceWith(symbolOf(scan.twice ? "diamond" : symbol));
  part("title").textContent = title;
  if (path) part("title").setAttribute("href", path);
  part("twice").hidden = scan.twice !== true;
  part("goods").textContent = [product, serial].filter(Boolean).join(" · ");
  part("given").textContent = serial ? "" : given.slice(0, 200);
  part("when").textContent = minuteOf(scan.at);
  part("pending").hidden = scan.row !== null;
  return line;
}

/** @param {Scan[]} all */
function download(all) {
  const columns = (element("list", HTMLElement).dataset.columns ?? "").split(",");
  const rows = all.map((scan, place) => ({ ...rowOf(scan, columns), line: place + 1, times: 1 }));
  const address = URL.createObjectURL(report([...columns, "scanned_at", "checked_at"], rows));
  const link = Object.assign(document.createElement("a"), { href: address, download: "scans.csv" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/**
 * @param {Scan} scan
 * @param {string[]} columns
 */
function rowOf(scan, columns) {
  const { local, row, text, at, checkedAt } = scan;
  const own = { input: text, level: local.kind, code: local.code, title: local.title, text: local.text, gtin: local.gtin, lot: local.lot, serial: local.serial };
  const cells = row?.report ?? columns.map((name) => harmless(own[name] ?? ""));
  return { report: [...cells, at, checkedAt ?? ""] };
}

/**
 * A spreadsheet takes what begins so for a formula.
 * @param {string} cell
 */
function harmless(cell) {
  return /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
}
