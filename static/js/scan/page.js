// The camera page: what belongs together is put together here.

import { Scans } from "../offline/scans.js";
import { Sending } from "../offline/sending.js";
import { attachOffline } from "./along.js";
import { element, show } from "./elements.js";
import { Finder } from "./finder.js";
import { attachList } from "./list.js";
import { attachOptions, isMany } from "./options.js";
import { attachPhoto, send } from "./photo.js";
import { readPath, readText } from "./tag.js";
import { showForeign } from "./foreign.js";
import { showJudged } from "./judged.js";
import { speaker } from "./says.js";
import { signal } from "./signals.js";
import { localVerdict } from "./verdicts.js";

/** @typedef {import("./decoder.js").Code} Code */
/** @typedef {import("./tag.js").Reading} Reading */

const PAGE = "/scan";
const section = element("scan", HTMLElement);
const hosts = new Set([...(section.dataset.hosts ?? "").split(" "), location.host.toUpperCase()]);
const say = speaker(element("status", HTMLElement), element("says", HTMLElement));
const photo = {
  form: element("photo-form", HTMLFormElement),
  input: element("image", HTMLInputElement),
  preview: element("preview", HTMLImageElement),
};

const along = attachOffline(section.dataset.rootKey ?? "");
const scans = new Scans();
const list = attachList(scans);
const sending = new Sending(scans, () => list.show(sending.reachable));
const finder = new Finder({ say, see, still: sendStill });

/**
 * @param {Code[]} codes in the newest frame
 * @returns {import("./overlay.js").Outline[]}
 */
function see(codes) {
  const read = codes.map((code) => ({ ...code, reading: readText(code.text, hosts) }));
  if (isMany()) seeMany(read);
  else seeOne(read);
  return read.map(({ text, corners, reading }) => ({ corners, kind: kindOf(text, reading) }));
}

/** @param {(Code & {reading: Reading})[]} read */
function seeOne(read) {
  const ours = new Map(read.flatMap(({ text, reading }) => (reading.kind !== "foreign" && reading.path ? [[text, reading]] : [])));
  const other = read.find(({ reading }) => reading.kind === "foreign" || !reading.path);
  if (ours.size === 1) {
    const [[text, reading]] = ours;
    go(text, reading);
  } else if (ours.size > 1) {
    finder.offerStill("several");
  } else if (other !== undefined) {
    say("foreign");
    showForeign(other.reading.kind === "foreign" ? other.reading : { host: "", text: other.text });
  }
}

/**
 * @param {string} text
 * @param {Reading} reading its path begins with "/01/" or with a slash and digits, and so stays on this origin
 */
async function go(text, reading) {
  signal("read");
  if (navigator.onLine) {
    finder.stop();
    say("found");
    location.assign(reading.path);
    return;
  }
  finder.close();
  await judgeHere(text, reading);
}

/**
 * @param {string} text
 * @param {Reading} reading
 */
async function judgeHere(text, reading) {
  const verdict = await localVerdict(reading, (await along).provisions());
  showJudged(verdict, (await along).provisions());
  signal(verdict.tone);
  if (reading.kind !== "foreign" && reading.path) await keepScan(text, verdict);
}

/** @param {(Code & {reading: Reading})[]} read */
function seeMany(read) {
  const texts = read.map(({ text }) => text);
  for (const { text, reading } of read) {
    const isTwice = texts.indexOf(text) !== texts.lastIndexOf(text);
    if (scans.find(text) === undefined) take(text, reading, isTwice);
    else if (isTwice) alarm(text);
  }
  if (read.length > 0) say("counting", { count: scans.all().length });
}

/**
 * Two packs carry this code.
 * @param {string} text in the list
 */
async function alarm(text) {
  const scan = scans.find(text);
  if (scan === undefined || scan.twice) return;
  signal("bad");
  await scans.change(scan, { twice: true });
  list.show(sending.reachable);
}

const taking = new Set();

/**
 * @param {string} text
 * @param {Reading} reading
 * @param {boolean} isTwice
 */
async function take(text, reading, isTwice) {
  if (taking.has(text)) return;
  taking.add(text);
  try {
    const verdict = await localVerdict(reading, (await along).provisions());
    await keepScan(text, verdict);
    if (isTwice) await alarm(text);
    else signal(verdict.tone);
  } finally {
    taking.delete(text);
  }
}

/**
 * @param {string} text
 * @param {import("./verdicts.js").Verdict} verdict
 */
async function keepScan(text, verdict) {
  if (scans.find(text) === undefined) await scans.add(text, verdict);
  list.show(sending.reachable);
  sending.wake();
}

/**
 * @param {string} text
 * @param {Reading} reading
 */
function kindOf(text, reading) {
  const scan = isMany() ? scans.find(text) : undefined;
  if (scan !== undefined) return scan.twice ? "bad" : (scan.row ?? scan.local).tone;
  return reading.kind === "ours" ? "ours" : "foreign";
}

/** @param {File} still */
function sendStill(still) {
  send(photo.form, photo.input, still);
}

async function start() {
  show("opener", true);
  attachPhoto(photo);
  attachOptions(() => list.show(sending.reachable));
  finder.attach();
  await scans.load();
  list.show(sending.reachable);
  sending.wake();
  if (location.pathname !== PAGE) await standIn();
}

/** The page stands in for a tag's own page that could not be reached: service-worker.js. */
async function standIn() {
  const path = location.pathname + location.search;
  await judgeHere(`HTTPS://${ownHost()}${path}`, readPath(path, ""));
}

/** The host that labels name: this one, or on a site under another name the first that is known. */
function ownHost() {
  const [first = "", ...others] = (section.dataset.hosts ?? "").split(" ");
  const host = location.host.toUpperCase();
  return [first, ...others].includes(host) ? host : first;
}

start();
