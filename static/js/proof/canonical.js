// Canonical documents and their values: docs/spec/log.md, section 1.

import { bytesOfText, hexOf } from "../tag/bytes.js";
import { canonical, parseExactly } from "../tag/canonical.js";

/**
 * @param {unknown} holds
 * @param {string} problem what is wrong otherwise, for people who look closely
 * @returns {asserts holds}
 */
export function must(holds, problem) {
  if (!holds) throw new Error(problem);
}

/**
 * @param {string} text
 * @param {number} most bytes
 * @returns {any}
 */
export function parseCanonical(text, most) {
  must(bytesOfText(text).length <= most, `more than ${most} bytes`);
  const value = parseExactly(text);
  must(canonical(value) === text && isWellFormed(value), "not in canonical form");
  return value;
}

/**
 * @param {any} value
 * @param {...string} names exactly these members, in any order
 */
export function hasMembers(value, ...names) {
  must(typeof value === "object" && value !== null && !Array.isArray(value), "an object is wanted");
  must(Object.keys(value).sort().join() === names.sort().join(), "a member is missing, or one too many");
}

/**
 * @param {any} text
 * @returns {Uint8Array}
 */
export function bytesOfBase64(text) {
  must(typeof text === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(text), "not base 64");
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  must(btoa(String.fromCharCode(...bytes)) === text, "not base 64 in canonical form");
  return bytes;
}

/** @param {any} text a hash in base 64 */
export function hashOfBase64(text) {
  const bytes = bytesOfBase64(text);
  must(bytes.length === 32, "a hash has 32 bytes");
  return bytes;
}

/** @param {Uint8Array} bytes */
export function textOfBytes(bytes) {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/**
 * @param {any} value
 * @param {number} bytes
 */
export function isHex(value, bytes) {
  return typeof value === "string" && value.length === 2 * bytes && /^[0-9a-f]*$/.test(value);
}

/**
 * @param {any} value
 * @param {number} low
 * @param {number} [high]
 */
export function isWhole(value, low, high = Number.MAX_SAFE_INTEGER) {
  return Number.isSafeInteger(value) && value >= low && value <= high;
}

/** @param {any} value YYYY-MM-DDTHH:MM:SSZ */
export function isMoment(value) {
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) || value < "0001") return false;
  const time = new Date(value);
  return !Number.isNaN(time.getTime()) && time.toISOString() === value.replace("Z", ".000Z");
}

/**
 * @param {any} value
 * @param {number} most
 */
export function isList(value, most) {
  return Array.isArray(value) && value.length <= most;
}

/**
 * @param {...Uint8Array} parts
 * @returns {Promise<Uint8Array>} SHA-256
 */
export async function sha256(...parts) {
  const whole = new Uint8Array(await new Blob(parts).arrayBuffer());
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}

/**
 * @param {Uint8Array} one
 * @param {Uint8Array} other
 */
export function isSame(one, other) {
  return hexOf(one) === hexOf(other);
}

/** @param {any} value */
function isWellFormed(value) {
  if (typeof value === "string") return !/\p{Surrogate}/u.test(value);
  if (typeof value === "number") return Number.isSafeInteger(value);
  return typeof value !== "object" || value === null || Object.values(value).every(isWellFormed);
}
