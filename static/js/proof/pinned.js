// What verifiers pin of a log: docs/spec/log.md, section 6. The rest of the bundle is tag/trust.js's.

import { bytesOfBase64, hasMembers, isHex, isList, isWhole, must } from "./canonical.js";
import { LOG_KEY, WITNESS_KEY, parseKey } from "./note.js";

/**
 * @typedef {import("./note.js").VerifierKey} VerifierKey
 * @typedef {{backend: string, network: string, genesis: string}} Chain
 * @typedef {{threshold: number, chains: Chain[], authorities: string[], journal: string | null}} AnchorPolicy
 * @typedef {{origin: string, keys: VerifierKey[], threshold: number, witnesses: VerifierKey[], anchors: AnchorPolicy}} PinnedLog
 */

const MOST = 32;

/**
 * @param {{logs?: any}} bundle of specification 1, which has no logs, or 2
 * @returns {Promise<PinnedLog[]>}
 */
export async function logsOf({ logs }) {
  if (logs === undefined) return [];
  must(isList(logs, MOST) && logs.length > 0, "want 1 to 32 logs");
  const parsed = await Promise.all(logs.map(parseLog));
  must(isDistinct(parsed.map(({ origin }) => origin)), "a log is listed twice");
  return parsed;
}

/**
 * @param {any} log
 * @returns {Promise<PinnedLog>}
 */
async function parseLog(log) {
  hasMembers(log, "origin", "keys", "witnesses", "anchors");
  hasMembers(log.witnesses, "threshold", "keys");
  checkAnchors(log.anchors);
  const keys = await parseKeys(log.keys, LOG_KEY);
  const witnesses = await parseKeys(log.witnesses.keys, WITNESS_KEY);
  must(keys.length > 0 && isDistinct(log.keys), "the log has no key, or one twice");
  must(keys.every(({ name }) => name === log.origin), "a key of another log");
  must(isDistinct(witnesses.map(({ publicKey }) => publicKey.join())), "a witness's key is listed twice");
  must(isThreshold(log.witnesses.threshold, witnesses.length), "the witnesses' threshold does not fit");
  return { origin: log.origin, keys, threshold: log.witnesses.threshold, witnesses, anchors: log.anchors };
}

/**
 * @param {any} list
 * @param {number} type
 */
function parseKeys(list, type) {
  must(isList(list, MOST), "want a list of at most 32 keys");
  return Promise.all(list.map((text) => parseKey(text, type)));
}

/** @param {any} anchors */
function checkAnchors(anchors) {
  hasMembers(anchors, "threshold", "chains", "authorities", "journal");
  must(isList(anchors.chains, MOST) && isList(anchors.authorities, MOST), "want lists of anchors");
  for (const chain of anchors.chains) {
    hasMembers(chain, "backend", "network", "genesis");
    const isChain = ["vechain", "evm"].includes(chain.backend) && typeof chain.network === "string" && isHex(chain.genesis, 32);
    must(isChain, "a chain that is none");
  }
  anchors.authorities.forEach(bytesOfBase64);
  must(isDistinct(anchors.chains.map(({ backend, network }) => `${backend} ${network}`)), "a network is listed twice");
  must(isDistinct(anchors.authorities), "an authority is listed twice");
  must(isThreshold(anchors.threshold, anchors.chains.length + anchors.authorities.length), "the anchors' threshold does not fit");
  must(anchors.journal === null || isHex(anchors.journal, 32), "the journal's key is none");
}

/**
 * @param {any} value
 * @param {number} number how many there are; 0 of none
 */
function isThreshold(value, number) {
  return isWhole(value, number > 0 ? 1 : 0, number);
}

/** @param {string[]} items */
function isDistinct(items) {
  return new Set(items).size === items.length;
}
