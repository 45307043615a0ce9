// The compact profile, all fields in one number of mixed radix: docs/spec/tag-format.md, section 5.

import { bytesOfNumber } from "./bytes.js";
import { demand } from "./errors.js";
import { checkDigit, checked, SET82 } from "./fields.js";
import { checkFormat } from "./link.js";

/** @typedef {import("./fields.js").Tag} Tag */

const PATH = /^\/([1-9][0-9]{156,251})$/;
const SMALL = "-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GENERATED = /^[0-9A-F][0-9A-HJKMNP-TV-Z]{12}$/;
const EXPIRIES = 38401n;

/**
 * @param {string} path
 * @returns {Tag | null} null when it has not this profile's form
 * @throws {import("./errors.js").OutcomeError} MALFORMED, CANNOT_CHECK
 */
export function parseCompact(path) {
  const found = PATH.exec(path);
  if (found === null) return null;
  const digits = new MixedRadix(BigInt(found[1]));
  const signature = bytesOfNumber(digits.take(2n ** 512n), 64);
  const slot = Number(digits.take(256n));
  checkFormat(digits.take(4n));
  const body = digits.take(10n ** 13n).toString().padStart(13, "0");
  const expiry = expiryOf(Number(digits.take(EXPIRIES)));
  const serial = takeSerial(digits);
  const lot = takeLot(digits);
  return checked({ gtin: body + checkDigit(body), lot, serial, expiry, slot, signature });
}

class MixedRadix {
  /** @param {bigint} rest */
  constructor(rest) {
    this.rest = rest;
  }

  /**
   * @param {bigint} radix
   * @returns {bigint} 0 to radix - 1
   */
  take(radix) {
    const digit = this.rest % radix;
    this.rest /= radix;
    return digit;
  }
}

/** @param {MixedRadix} digits */
function takeSerial(digits) {
  const isSupplied = digits.take(2n) === 1n;
  if (!isSupplied) return base32(digits.take(2n ** 64n));
  const serial = stringOf(digits.take(countOf(SET82)), SET82);
  demand(!GENERATED.test(serial));
  return serial;
}

/** @param {MixedRadix} digits what is left of it is the lot's number */
function takeLot(digits) {
  const alphabet = digits.take(2n) === 1n ? SET82 : SMALL;
  demand(digits.rest < countOf(alphabet));
  const lot = stringOf(digits.rest, alphabet);
  demand(alphabet === SMALL || [...lot].some((character) => !SMALL.includes(character)));
  return lot;
}

/**
 * @param {string} alphabet
 * @returns {bigint} how many strings of 0 to 20 of its characters there are
 */
function countOf(alphabet) {
  let count = 0n;
  for (let length = 0; length <= 20; length += 1) count = count * BigInt(alphabet.length) + 1n;
  return count;
}

/**
 * @param {bigint} number
 * @param {string} alphabet
 */
function stringOf(number, alphabet) {
  const size = BigInt(alphabet.length);
  let text = "";
  for (let left = number; left > 0n; left = (left - 1n) / size) text = alphabet[Number((left - 1n) % size)] + text;
  return text;
}

/** @param {bigint} number of 64 bits */
function base32(number) {
  let text = "";
  for (let shift = 60n; shift >= 0n; shift -= 5n) text += BASE32[Number((number >> shift) & 31n)];
  return text;
}

/** @param {number} value 0 to 38400 */
function expiryOf(value) {
  if (value === 0) return null;
  const months = Math.floor((value - 1) / 32);
  const parts = [Math.floor(months / 12), (months % 12) + 1, (value - 1) % 32];
  return parts.map((part) => String(part).padStart(2, "0")).join("");
}
