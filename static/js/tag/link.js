// The digital-link profile: docs/spec/tag-format.md, section 4.

import { bytesOfNumber } from "./bytes.js";
import { demand } from "./errors.js";
import { checked } from "./fields.js";

/** @typedef {import("./fields.js").Tag} Tag */

const VALUE = "((?:[A-Za-z0-9._-]|%[0-9A-F]{2})+)";
const PATH = new RegExp(`^/01/([0-9]{14})(?:/10/${VALUE})?/21/${VALUE}\\?(?:17=([0-9]{6})&)?s=([1-9][0-9]{156,157})$`);
const PLAIN = /^[A-Za-z0-9._-]$/;
const SIGNATURE_BITS = 512n;

/**
 * @param {string} path with its query
 * @returns {Tag | null} null when it has not this profile's form
 * @throws {import("./errors.js").OutcomeError} MALFORMED, CANNOT_CHECK
 */
export function parseLink(path) {
  const found = PATH.exec(path);
  if (found === null) return null;
  const [, gtin, lot, serial, expiry, digits] = found;
  const number = BigInt(digits);
  checkFormat(number >> (SIGNATURE_BITS + 8n));
  return checked({
    gtin,
    lot: unescaped(lot ?? ""),
    serial: unescaped(serial),
    expiry: expiry ?? null,
    slot: Number((number >> SIGNATURE_BITS) & 255n),
    signature: bytesOfNumber(BigInt.asUintN(Number(SIGNATURE_BITS), number), 64),
  });
}

/**
 * @param {bigint} format section 11 says which there will be
 * @throws {import("./errors.js").OutcomeError}
 */
export function checkFormat(format) {
  demand(format !== 2n && format !== 3n, "CANNOT_CHECK");
  demand(format === 1n);
}

/**
 * @param {string} value
 * @throws {import("./errors.js").OutcomeError} MALFORMED when a character that is plain is escaped
 */
function unescaped(value) {
  return value.replace(/%([0-9A-F]{2})/g, (_, hex) => {
    const character = String.fromCharCode(parseInt(hex, 16));
    demand(!PLAIN.test(character));
    return character;
  });
}
