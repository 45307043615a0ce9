// The logs that a trust bundle of specification 2 pins: docs/spec/log.md, section 6. Looked at for their form alone: this page
// checks no proofs, but a bundle that is not as specified is not believed.

import { bytesOfText, hexOf, joined } from "./bytes.js";

/**
 * @typedef {{origin: string, keys: string[], witnesses: {threshold: number, keys: string[]}, anchors: object}} Log
 * @typedef {{name: string, id: string, key: string}} NamedKey
 */

const MOST = 32;
const LOG_KEY = 1; // types of C2SP signed-note
const WITNESS_KEY = 4;

/**
 * @param {any} logs
 * @returns {Promise<boolean>}
 */
export async function areLogs(logs) {
  if (!isShortList(logs) || logs.length === 0) return false;
  for (const log of logs) if (!(await isLog(log))) return false;
  return areDistinct(logs.map(({ origin }) => origin));
}

/** @param {any} log */
async function isLog(log) {
  if (!has(log, "origin", "keys", "witnesses", "anchors") || typeof log.origin !== "string") return false;
  const { witnesses } = log;
  if (!has(witnesses, "threshold", "keys")) return false;
  const own = await namedKeys(log.keys, LOG_KEY);
  const others = await namedKeys(witnesses.keys, WITNESS_KEY);
  return own !== null && others !== null && own.length > 0 && areDistinct(log.keys) && own.every(({ name }) => name === log.origin) &&
    areDistinct(others.map(({ key }) => key)) && isThreshold(witnesses.threshold, others.length) && isAnchors(log.anchors);
}

/** @param {any} anchors */
function isAnchors(anchors) {
  if (!has(anchors, "threshold", "chains", "authorities", "journal")) return false;
  const { threshold, chains, authorities, journal } = anchors;
  return isShortList(chains) && chains.every(isChain) && areDistinct(chains.map(({ backend, network }) => `${backend} ${network}`)) &&
    isShortList(authorities) && authorities.every((text) => bytesOfBase64(text) !== null) && areDistinct(authorities) &&
    isThreshold(threshold, chains.length + authorities.length) && (journal === null || isHash(journal));
}

/** @param {any} chain */
function isChain(chain) {
  return has(chain, "backend", "network", "genesis") && ["vechain", "evm"].includes(chain.backend) &&
    typeof chain.network === "string" && isHash(chain.genesis);
}

/**
 * @param {any} texts
 * @param {number} type
 * @returns {Promise<NamedKey[] | null>} null when one of them is none
 */
async function namedKeys(texts, type) {
  if (!isShortList(texts)) return null;
  const keys = [];
  for (const text of texts) {
    const key = await namedKey(text, type);
    if (key === null) return null;
    keys.push(key);
  }
  return keys;
}

/**
 * A verifier key of C2SP signed-note: name, the beginning of a hash of name and key, type and key.
 * @param {any} text
 * @param {number} type
 * @returns {Promise<NamedKey | null>}
 */
async function namedKey(text, type) {
  const found = typeof text === "string" ? /^([^+]+)\+([0-9a-f]{8})\+([^]*)$/.exec(text) : null;
  if (found === null || /[\s\u0085\u0000-\u001f]|\p{Surrogate}/u.test(found[1].replaceAll("\ufeff", ""))) return null;
  const [, name, id, base64] = found;
  const bytes = bytesOfBase64(base64);
  if (bytes === null || bytes.length !== 33 || bytes[0] !== type) return null;
  const digest = await crypto.subtle.digest("SHA-256", joined(bytesOfText(`${name}\n`), bytes));
  return hexOf(new Uint8Array(digest)).startsWith(id) ? { name, id, key: hexOf(bytes.slice(1)) } : null;
}

/**
 * @param {any} text standard base 64 with padding (RFC 4648, section 4), written as its bytes are written
 * @returns {Uint8Array | null}
 */
function bytesOfBase64(text) {
  if (typeof text !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  try {
    const binary = atob(text);
    return btoa(binary) === text ? Uint8Array.from(binary, (character) => character.charCodeAt(0)) : null;
  } catch {
    return null;
  }
}

/**
 * @param {any} value
 * @param {...string} names exactly these
 */
function has(value, ...names) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const found = Object.keys(value);
  return found.length === names.length && names.every((name) => Object.hasOwn(value, name));
}

/** @param {any} value */
function isShortList(value) {
  return Array.isArray(value) && value.length <= MOST;
}

/** @param {any} value */
function isHash(value) {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

/**
 * @param {any} value
 * @param {number} count of what may count towards it
 */
function isThreshold(value, count) {
  return Number.isInteger(value) && value >= Math.min(1, count) && value <= count;
}

/** @param {any[]} values */
function areDistinct(values) {
  return new Set(values).size === values.length;
}
