// The trust bundle, checked before it is believed: docs/spec/tag-format.md, section 7, and docs/spec/log.md, section 6.

import { bytesOfHex, bytesOfText, hexOf } from "./bytes.js";
import { canonical, parseExactly } from "./canonical.js";
import { verifySignature } from "./ed25519.js";
import { isGtin } from "./fields.js";
import { areLogs } from "./logs.js";

/**
 * @typedef {{slot: number, public_key: string, not_before: string, not_after: string,
 *   status: "active" | "retired" | "revoked", revoked_at: string | null}} Key times as YYYY-MM-DDTHH:MM:SSZ
 * @typedef {{name: string, gtins: string[], prefixes: string[], hosts: string[], keys: Key[]}} Issuer
 * @typedef {{version: number, issued: string, expires: string, root_key: string, issuers: Issuer[]}} Trust
 */

const CONTEXT = "origintag/trust/v1\n";
const MAX_BYTES = 16 * 1024 * 1024;
const LABEL = "[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?";
const HOST = new RegExp(`^((?:${LABEL}\\.)*${LABEL})(?::[1-9][0-9]{0,4})?$`);
const MEMBERS = Object.freeze({
  document: ["signed", "signature"],
  signed: ["type", "spec", "version", "issued", "expires", "root_key", "issuers"],
  logging: ["type", "spec", "version", "issued", "expires", "root_key", "issuers", "logs"],
  signature: ["ed25519", "key"],
  issuer: ["name", "gtins", "prefixes", "hosts", "keys"],
  key: ["slot", "public_key", "not_before", "not_after", "status", "revoked_at"],
});

/** A bundle that must not be believed. */
export class TrustError extends Error {}

/**
 * @param {string} text the file
 * @param {string} rootKey the pinned root key in hex
 * @returns {Promise<Trust>}
 * @throws {TrustError}
 */
export async function parseTrust(text, rootKey) {
  if (bytesOfText(text).length > MAX_BYTES) throw new TrustError("too large");
  const document = parsed(text);
  if (!isDocument(document)) throw new TrustError("not as specified");
  if (document.signed.spec === 2 && !(await areLogs(document.signed.logs))) throw new TrustError("logs not as specified");
  const { signed, signature } = document;
  if (signed.root_key !== rootKey || signature.key !== (await fingerprint(rootKey))) throw new TrustError("another root key");
  const message = bytesOfText(CONTEXT + canonical(signed));
  if (!(await verifySignature(bytesOfHex(rootKey), bytesOfHex(signature.ed25519), message))) {
    throw new TrustError("not signed by the root key");
  }
  return signed;
}

/**
 * @param {Trust} trust
 * @param {string} gtin
 * @returns {Issuer | undefined} who owns it
 */
export function ownerOf(trust, gtin) {
  return trust.issuers.find(({ gtins, prefixes }) => gtins.includes(gtin) || prefixes.some((prefix) => covers(prefix, gtin)));
}

/**
 * @param {string} rootKey in hex
 * @returns {Promise<string>} how people compare it: 16 hex digits
 */
export async function fingerprint(rootKey) {
  const digest = await crypto.subtle.digest("SHA-256", bytesOfHex(rootKey));
  return hexOf(new Uint8Array(digest)).slice(0, 16);
}

/** @param {string} text */
function parsed(text) {
  try {
    return parseExactly(text);
  } catch (error) {
    throw new TrustError("no JSON that is exact", { cause: error });
  }
}

/**
 * @param {string} prefix
 * @param {string} gtin a GTIN-8, with six zeros in front, carries no prefix
 */
function covers(prefix, gtin) {
  return !gtin.startsWith("000000") && gtin.startsWith(prefix, 1);
}

/**
 * Exactly these members, in any order.
 * @param {any} value
 * @param {keyof typeof MEMBERS} kind
 */
function has(value, kind) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return canonical(Object.keys(value).sort()) === canonical([...MEMBERS[kind]].sort());
}

/** @param {any} value */
function isDocument(value) {
  return has(value, "document") && has(value.signature, "signature") && isHex(value.signature.ed25519, 64) && isSigned(value.signed);
}

/** @param {any} value */
function isSigned(value) {
  const isKnown = (value?.spec === 1 && has(value, "signed")) || (value?.spec === 2 && has(value, "logging"));
  return isKnown && value.type === "origintag-trust" &&
    isWhole(value.version, 1, Number.MAX_SAFE_INTEGER) && isTime(value.issued) && isTime(value.expires) && value.issued < value.expires &&
    isHex(value.root_key, 32) && isList(value.issuers, isIssuer) && !overlap(value.issuers);
}

/** @param {any} value */
function isIssuer(value) {
  return has(value, "issuer") && typeof value.name === "string" &&
    isList(value.gtins, (gtin) => typeof gtin === "string" && isGtin(gtin)) &&
    isList(value.prefixes, (prefix) => typeof prefix === "string" && /^[0-9]{4,12}$/.test(prefix)) &&
    isList(value.hosts, isHost) && isList(value.keys, isKey) &&
    new Set(value.keys.map(({ slot }) => slot)).size === value.keys.length;
}

/** @param {any} value */
function isKey(value) {
  return has(value, "key") && isWhole(value.slot, 0, 255) && isHex(value.public_key, 32) &&
    isTime(value.not_before) && isTime(value.not_after) && value.not_before < value.not_after &&
    ["active", "retired", "revoked"].includes(value.status) &&
    (value.status === "revoked" ? isTime(value.revoked_at) : value.revoked_at === null);
}

/** @param {any} value */
function isHost(value) {
  const found = typeof value === "string" ? HOST.exec(value) : null;
  return found !== null && found[1].length <= 253;
}

/**
 * @param {any} value
 * @param {number} bytes
 */
function isHex(value, bytes) {
  return typeof value === "string" && value.length === 2 * bytes && /^[0-9a-f]*$/.test(value);
}

/**
 * @param {any} value
 * @param {number} low
 * @param {number} high
 */
function isWhole(value, low, high) {
  return Number.isSafeInteger(value) && value >= low && value <= high;
}

/** @param {any} value */
function isTime(value) {
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) || value < "0001") return false;
  const time = new Date(value);
  return !Number.isNaN(time.getTime()) && time.toISOString() === value.replace("Z", ".000Z");
}

/**
 * @param {any} value
 * @param {(item: any) => boolean} test
 */
function isList(value, test) {
  return Array.isArray(value) && value.every(test);
}

/**
 * Whether a GTIN or a prefix is listed twice, or lies in a prefix that is listed too.
 * @param {Issuer[]} issuers
 */
function overlap(issuers) {
  const gtins = issuers.flatMap((issuer) => issuer.gtins);
  const prefixes = new Set(issuers.flatMap((issuer) => issuer.prefixes));
  if (new Set(gtins).size !== gtins.length) return true;
  if (prefixes.size !== issuers.reduce((sum, issuer) => sum + issuer.prefixes.length, 0)) return true;
  return [...prefixes].some((prefix) => shorter(prefix).some((one) => prefixes.has(one))) ||
    gtins.some((gtin) => !gtin.startsWith("000000") && shorter(gtin.slice(1, 14)).some((one) => prefixes.has(one)));
}

/** @param {string} digits */
function shorter(digits) {
  return Array.from({ length: Math.max(0, digits.length - 4) }, (_, more) => digits.slice(0, 4 + more));
}
