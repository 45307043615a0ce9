// What a device can say of a tag without the record: docs/spec/tag-format.md, section 8, steps 3 to 8, then the recalls
// and the date that it knows of. Order of the reasons: docs/spec/verdicts.md. The best answer is "signature only".

import { bytesOfHex } from "./bytes.js";
import { verifySignature } from "./ed25519.js";
import { OutcomeError } from "./errors.js";
import { signedBytes } from "./fields.js";
import { ownerOf } from "./trust.js";

/**
 * @typedef {import("./fields.js").Tag} Tag
 * @typedef {import("./trust.js").Trust} Trust
 * @typedef {{gtin: string, lot: string | null, serial: string | null, kind: "recall" | "withdraw", reason: string,
 *   instructions: string, at: string}} Recall
 * @typedef {{trust: Trust | null, recalls: Recall[] | null}} Provisions what the device has at hand
 * @typedef {{code: string, cause?: string, issuer?: string, recall?: Recall, lastDay?: string}} Finding `code` as in verdicts.md
 */

/**
 * @param {Tag} tag
 * @param {string} host in upper case; "" when the tag came to the host that it was addressed to
 * @param {Provisions} provisions
 * @param {Date} now
 * @returns {Promise<Finding>}
 */
export async function judge(tag, host, { trust, recalls }, now) {
  const time = now.toISOString().slice(0, 19) + "Z";
  const isStale = trust === null || time >= trust.expires;
  const found = trust === null ? {} : await signature(tag, host, trust, time, isStale);
  if (found.code !== undefined) return { code: found.code, issuer: found.issuer };
  const issuer = found.issuer ?? "";
  const recall = newest((recalls ?? []).filter((one) => names(one, tag)));
  if (recall !== undefined) return { code: recall.kind === "withdraw" ? "WITHDRAWN" : "RECALLED", recall, issuer };
  const lastDay = tag.expiry === null ? null : lastDayOf(tag.expiry, now.getUTCFullYear());
  if (lastDay !== null && time.slice(0, 10) > lastDay) return { code: "EXPIRED", lastDay, issuer };
  if (trust === null) return { code: "CANNOT_CHECK", cause: "no_trust" };
  return isStale ? { code: "CANNOT_CHECK", cause: "stale" } : { code: "SIGNATURE_ONLY", issuer };
}

/**
 * Steps 4 to 7.
 * @param {Tag} tag
 * @param {string} host
 * @param {Trust} trust
 * @param {string} time
 * @param {boolean} isStale a bundle that is too old does not know of newer keys
 * @returns {Promise<{code?: string, issuer?: string}>} a code when something is wrong
 */
async function signature(tag, host, trust, time, isStale) {
  const issuer = ownerOf(trust, tag.gtin);
  if (issuer !== undefined && host !== "" && !issuer.hosts.includes(host)) return { code: "FOREIGN_CODE" };
  const key = issuer?.keys.find(({ slot }) => slot === tag.slot);
  if (issuer === undefined || key === undefined || time < key.not_before) return isStale ? {} : { code: "KEY_UNKNOWN" };
  const holds = await verifySignature(bytesOfHex(key.public_key), tag.signature, signedBytes(tag));
  if (!holds) return { code: "SIGNATURE_INVALID", issuer: issuer.name };
  return key.status === "revoked" ? { code: "KEY_REVOKED", issuer: issuer.name } : { issuer: issuer.name };
}

/**
 * @param {string} expiry YYMMDD
 * @param {number} year the present one: the century follows from it (GS1 General Specifications, 7.12)
 * @returns {string} YYYY-MM-DD
 */
export function lastDayOf(expiry, year) {
  const [yy, month, day] = [0, 2, 4].map((at) => Number(expiry.slice(at, at + 2)));
  const apart = yy - (year % 100);
  const century = Math.floor(year / 100) + (apart >= 51 ? -1 : apart <= -50 ? 1 : 0);
  const whole = century * 100 + yy;
  const last = day || new Date(Date.UTC(whole, month, 0)).getUTCDate();
  return [String(whole).padStart(4, "0"), String(month).padStart(2, "0"), String(last).padStart(2, "0")].join("-");
}

/**
 * @param {Recall} recall
 * @param {Tag} tag
 */
function names(recall, tag) {
  return recall.gtin === tag.gtin && (recall.lot === null || recall.lot === tag.lot) &&
    (recall.serial === null || recall.serial === tag.serial);
}

/**
 * A recall before a withdrawal, then the newest.
 * @param {Recall[]} recalls newest first
 */
function newest(recalls) {
  return recalls.find(({ kind }) => kind === "recall") ?? recalls[0];
}

/**
 * The outcome of something that may throw one.
 * @template T
 * @param {() => T} read
 * @returns {T | {outcome: string}}
 */
export function attempt(read) {
  try {
    return read();
  } catch (error) {
    if (error instanceof OutcomeError) return { outcome: error.outcome };
    throw error;
  }
}
