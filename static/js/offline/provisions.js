// What the device takes along: the trust bundle, checked against the root key that it met first, and the recalls in force.
//
// The root key comes with the page, so at first it is worth as much as the server that sent it. Pinned, it keeps later
// bundles honest: whoever takes the server over afterwards cannot slip in keys of his own unnoticed, though he could change
// the page itself. Who must not depend on this server uses the command `scanner` with a bundle from elsewhere.

import { parseTrust, TrustError } from "../tag/trust.js";
import { keep, kept } from "./database.js";

/**
 * @typedef {import("../tag/judge.js").Recall} Recall
 * @typedef {import("../tag/trust.js").Trust} Trust
 * @typedef {object} Provisions
 * @property {string} rootKey the pinned one, in hex
 * @property {boolean} rootChanged the page names another one now
 * @property {Trust | null} trust
 * @property {string | null} trustAt when it was fetched, ISO
 * @property {Recall[] | null} recalls
 * @property {string | null} recallsAt
 */

const TRUST = "/.well-known/tag-trust.json";
const RECALLS = "/v1/recalls";
const PATIENCE_MS = 15_000;

/**
 * @param {string} pageKey the root key that the page names
 * @returns {Promise<Provisions>} what is kept, checked again
 */
export async function loadProvisions(pageKey) {
  const [pin, text, trustAt, recalls, recallsAt] = await Promise.all(
    ["rootKey", "trust", "trustAt", "recalls", "recallsAt"].map((key) => kept(key).catch(() => undefined)),
  );
  const rootKey = pin ?? pageKey;
  const trust = text === undefined ? null : await parseTrust(text, rootKey).catch(() => null);
  return {
    rootKey, rootChanged: rootKey !== pageKey, trust, trustAt: trust && trustAt, recalls: recalls ?? null, recallsAt: recallsAt ?? null,
  };
}

/**
 * @param {Provisions} had
 * @returns {Promise<Provisions>} the newest that could be had; what could not stays as it was
 */
export async function refreshed(had) {
  const now = { ...had };
  const [trust, recalls] = await Promise.allSettled([fetchTrust(had), fetchRecalls()]);
  if (trust.status === "fulfilled") Object.assign(now, trust.value);
  if (recalls.status === "fulfilled") Object.assign(now, recalls.value);
  return now;
}

/**
 * The person at the device has compared the fingerprint: the new root key is the pin from now on.
 * @param {string} rootKey
 */
export async function pinAnew(rootKey) {
  await keep({ rootKey, trust: undefined, trustAt: null });
}

/** @param {Provisions} had */
async function fetchTrust(had) {
  const text = await fetched(TRUST);
  const trust = await parseTrust(text, had.rootKey);
  if (had.trust !== null && trust.version < had.trust.version) throw new TrustError("an older bundle");
  const trustAt = new Date().toISOString();
  await keep({ rootKey: had.rootKey, trust: text, trustAt });
  return { trust, trustAt };
}

async function fetchRecalls() {
  const { recalls } = JSON.parse(await fetched(RECALLS));
  if (!Array.isArray(recalls)) throw new TypeError("no list of recalls");
  const recallsAt = new Date().toISOString();
  await keep({ recalls, recallsAt });
  return { recalls, recallsAt };
}

/** @param {string} path */
async function fetched(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.text();
}
