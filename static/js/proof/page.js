// The page that checks a proof file on this device. It may be opened from a file, so it loads nothing.

import { STEPS, StepError, verifyProof } from "./verify.js";
import { logsOf } from "./pinned.js";
import { fingerprint, parseTrust } from "../tag/trust.js";

const LARGEST = 16 * 1024 * 1024;

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @type {{issuers: any[], pinnedLogs: any[], expires: string, version: number, root_key: string} | null} */
let trust = null;

/** @type {string | null} */
let proof = null;

part("proof").addEventListener("change", ({ target }) => take(target, async (text) => { proof = text; }));
part("trust").addEventListener("change", ({ target }) => take(target, (text) => believe(text, ownRoot(text))));
part("root").addEventListener("change", () => judge());
if (location.protocol === "file:") part("keep").hidden = true;

const { root_key: rootKey, trust: bundle } = JSON.parse(part("pinned").textContent ?? "{}");
if (bundle) await believe(bundle, rootKey).catch(() => show("keys", "bad-keys"));
else show("keys", "no-keys");
document.documentElement.dataset.ready = "yes";

/**
 * @param {EventTarget | null} input a file was chosen
 * @param {(text: string) => Promise<void>} use
 */
async function take(input, use) {
  const [file] = /** @type {HTMLInputElement} */ (input).files ?? [];
  if (file === undefined) return;
  if (file.size > LARGEST) return fail("too-large", "");
  try {
    await use(new TextDecoder("utf-8").decode(await file.arrayBuffer()));
  } catch {
    trust = null;
    show("keys", "bad-keys");
  }
  await judge();
}

/**
 * @param {string} text
 * @returns {string} the root key that is pinned, or else the one that the file itself names
 */
function ownRoot(text) {
  const typed = /** @type {HTMLInputElement} */ (part("root")).value.trim().toLowerCase();
  return typed || JSON.parse(text).signed.root_key;
}

/**
 * @param {string} text
 * @param {string} root in hex
 */
async function believe(text, root) {
  const parsed = await parseTrust(text, root);
  trust = { ...parsed, pinnedLogs: await logsOf(parsed) };
  show("keys", "own-keys");
  const isStale = new Date().toISOString() >= parsed.expires;
  const values = { fingerprint: await fingerprint(root), issued: parsed.issued.slice(0, 10), expires: parsed.expires.slice(0, 10), version: parsed.version };
  for (const [name, value] of Object.entries(values)) fill(name, String(value));
  part("stale").hidden = !isStale;
}

async function judge() {
  for (const id of ["verdict", "shown", "steps"]) part(id).hidden = true;
  if (proof === null) return;
  if (trust === null) return fail("no-trust", "");
  try {
    succeed(await verifyProof(proof, trust, new Date()), trust);
  } catch (error) {
    if (error instanceof StepError) fail("fails", error.message, error.step);
    else fail("cannot", String(error));
  }
}

/**
 * @param {any} found
 * @param {{expires: string}} pinned
 */
function succeed(found, pinned) {
  const isStale = new Date().toISOString() >= pinned.expires;
  say(isStale ? "stale-trust" : "holds", isStale ? "warn" : "good");
  mark(null, "");
  const { tag, issuer, file, entry, log, checkpoint, witnesses, isWitnessed } = found;
  const values = {
    issuer: issuer.name, gtin: tag.gtin, lot: tag.lot || "–", serial: tag.serial, expiry: tag.expiry ?? "–",
    place: `${file.index + 1} / ${entry.manifest.count}`, batch: entry.manifest.batch, declared: entry.manifest.issued,
    log: checkpoint.origin, entry: `${log.index + 1} / ${checkpoint.size}`,
    witnesses: isWitnessed ? witnesses.join(", ") : word("unwitnessed"),
  };
  for (const [name, value] of Object.entries(values)) fill(name, String(value));
  part("anchors").replaceChildren(...file.anchors.map((anchor, at) => anchorItem(anchor, found.anchors[at])));
  part("no-anchors").hidden = file.anchors.length > 0;
  part("shown").hidden = false;
}

/**
 * @param {any} anchor
 * @param {string} standing
 */
function anchorItem({ receipt }, standing) {
  const item = document.createElement("li");
  const place = receipt.network === undefined ? word(receipt.backend)
    : `${word(receipt.backend)} ${receipt.network}, ${word("block")} ${receipt.number}, ${receipt.time}`;
  const small = document.createElement("small");
  small.textContent = word(standing);
  item.append(place, document.createElement("br"), small);
  return item;
}

/**
 * @param {string} what
 * @param {string} problem
 * @param {string | null} step
 */
function fail(what, problem, step = null) {
  say(what, what === "fails" ? "bad" : "none");
  if (step !== null) mark(step, problem);
}

/**
 * @param {string} what
 * @param {string} tone
 */
function say(what, tone) {
  const verdict = part("verdict");
  verdict.className = `card verdict ${tone}`;
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (verdict.querySelectorAll("[data-say]"))) {
    element.hidden = !(element.dataset.say ?? "").split(" ").includes(what);
  }
  for (const svg of /** @type {NodeListOf<HTMLElement>} */ (verdict.querySelectorAll("[data-tone]"))) svg.hidden = svg.dataset.tone !== tone;
  verdict.hidden = false;
}

/**
 * @param {string | null} failed the step, null when all hold
 * @param {string} problem
 */
function mark(failed, problem) {
  const broken = failed === null ? STEPS.length : STEPS.indexOf(failed);
  for (const [at, step] of STEPS.entries()) {
    const item = part(`step-${step}`);
    const outcome = at < broken ? "holds" : at === broken ? "fails" : "open";
    item.className = outcome;
    for (const svg of /** @type {NodeListOf<HTMLElement>} */ (item.querySelectorAll("[data-outcome]"))) svg.hidden = svg.dataset.outcome !== outcome;
    const note = part(`note-${step}`);
    note.textContent = outcome === "fails" ? problem : word(outcome);
    note.lang = outcome === "fails" ? "en" : document.documentElement.lang;
  }
  part("steps").hidden = false;
}

/**
 * @param {string} name
 * @param {string} value
 */
function fill(name, value) {
  for (const element of document.querySelectorAll(`[data-fill="${name}"]`)) element.textContent = value;
}

/**
 * @param {string} group
 * @param {string} one of it is shown, the others are not
 */
function show(group, one) {
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`[data-group="${group}"]`))) element.hidden = element.dataset.one !== one;
}

/** @param {string} name */
function word(name) {
  return document.querySelector(`#words [data-word="${name}"]`)?.textContent ?? name;
}
