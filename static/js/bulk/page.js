// The page for lists: sends a list part by part, so that it may be long, its progress is seen, and it can be stopped.

import { element, show } from "../scan/elements.js";
import { parts, records, withoutHeader } from "./records.js";
import { report } from "./report.js";
import { markRepeats, showLines, showTallies, sorted } from "./results.js";
import { RefusedError, send } from "./send.js";

/** @typedef {import("./send.js").Row} Row */
/** @typedef {{path: string, body: BodyInit, headers: Record<string, string>, count: number}} Piece */

const DRAW_MS = 400;

const form = document.getElementById("form");
const says = document.getElementById("says");

/** @type {Row[]} */
let rows = [];
let total = 0;
let stop = new AbortController();
let drawnAt = 0;
let address = "";

if (form instanceof HTMLFormElement) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    check(form);
  });
  element("cancel", HTMLButtonElement).addEventListener("click", () => stop.abort());
  element("filter", HTMLFieldSetElement).addEventListener("change", draw);
}

/** @param {HTMLFormElement} sender */
async function check(sender) {
  stop.abort();
  const { signal } = (stop = new AbortController());
  begin();
  try {
    const pieces = await cut(sender);
    total = pieces.reduce((sum, piece) => sum + piece.count, 0);
    if (total === 0) return end("empty");
    for (const piece of pieces) await take(piece, signal);
    end("done");
  } catch (error) {
    if (signal !== stop.signal) return; // another list is on its way
    end(signal.aborted ? "cancelled" : error instanceof RefusedError ? "refused" : "failed");
  }
}

/**
 * @param {Piece} piece
 * @param {AbortSignal} signal
 */
async function take({ path, body, headers, count }, signal) {
  say("checking");
  const found = await send(path, body, headers, signal, (seconds) => say("waiting", { seconds }));
  const before = rows.length;
  total += found.length - count; // a photograph holds as many codes as it holds
  for (const row of found) rows.push({ ...row, line: before + row.line });
  if (performance.now() - drawnAt > DRAW_MS) draw();
  element("progress", HTMLProgressElement).value = rows.length / total;
}

/**
 * @param {HTMLFormElement} sender
 * @returns {Promise<Piece[]>}
 */
async function cut(sender) {
  const file = element("file", HTMLInputElement).files?.[0];
  const pasted = element("list", HTMLTextAreaElement).value;
  const text = pasted.trim() || !file ? pasted : await file.text();
  if (text.trim()) {
    const { header, items } = withoutHeader(records(text));
    const headers = { "Content-Type": "text/csv" };
    return parts(header, items, Number(sender.dataset.part)).map((part) => ({ ...part, path: "/bulk/part", headers }));
  }
  return [...(element("images", HTMLInputElement).files ?? [])].map((image) => {
    const body = new FormData();
    body.append("images", image);
    return { path: "/bulk/photo", body, headers: {}, count: 1 };
  });
}

function begin() {
  rows = [];
  total = drawnAt = 0;
  if (address) URL.revokeObjectURL(address);
  for (const id of ["work", "progress", "cancel"]) show(id, true);
  show("report", false);
  element("progress", HTMLProgressElement).value = 0;
  draw();
  say("reading");
  element("work", HTMLElement).scrollIntoView({ block: "start" });
}

/** @param {string} how */
function end(how) {
  draw();
  say(how);
  for (const id of ["progress", "cancel"]) show(id, false);
  if (rows.length === 0) return;
  const columns = (element("form", HTMLFormElement).dataset.columns ?? "").split(",");
  address = URL.createObjectURL(report(columns, rows));
  element("report", HTMLAnchorElement).href = address;
  show("report", true);
}

function draw() {
  drawnAt = performance.now();
  showTallies(rows, markRepeats(rows));
  const flaggedOnly = document.querySelector('input[name="show"]:checked')?.getAttribute("value") === "flagged";
  const wanted = sorted(rows, flaggedOnly);
  const shown = showLines(wanted, (times) => sentence("repeat", { times }));
  const left = shown < wanted.length ? sentence("shown", { shown, total: wanted.length }) : "";
  element("shown", HTMLParagraphElement).textContent = left;
  show("lines", shown > 0);
}

/**
 * @param {string} name
 * @param {Record<string, number>} [values]
 */
function say(name, values = {}) {
  element("status", HTMLParagraphElement).textContent = sentence(name, { done: rows.length, total, ...values });
}

/**
 * A sentence of the page, so that it is translated with it.
 * @param {string} name
 * @param {Record<string, number>} values
 */
function sentence(name, values) {
  const template = says?.querySelector(`[data-say="${name}"]`)?.textContent ?? "";
  return template.replace(/\{(\w+)\}/g, (_, word) => (values[word] ?? 0).toLocaleString(document.documentElement.lang));
}
