// The fields of a tag and what is signed of them: docs/spec/tag-format.md, sections 2 and 3.

import { bytesOfText, joined } from "./bytes.js";
import { demand } from "./errors.js";

/**
 * @typedef {object} Tag
 * @property {string} gtin 14 digits
 * @property {string} lot "" for none
 * @property {string} serial
 * @property {string | null} expiry YYMMDD
 * @property {number} slot 0 to 255
 * @property {Uint8Array} signature 64 bytes
 */

/** GS1 General Specifications, figure 7.11-1, in the order of ASCII codes. */
export const SET82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

const LONGEST = 20;
const LAST_DAYS = Object.freeze([31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);
const CONTEXT = bytesOfText("origintag/tag/v1\n");

/**
 * @param {string} body 13 digits
 * @returns {string} one digit
 */
export function checkDigit(body) {
  let sum = 0;
  for (let place = 0; place < body.length; place += 1) {
    sum += Number(body[body.length - 1 - place]) * (place % 2 === 0 ? 3 : 1);
  }
  return String((10 - (sum % 10)) % 10);
}

/** @param {string} text */
export function isGtin(text) {
  return /^[0-9]{14}$/.test(text) && text[13] === checkDigit(text.slice(0, 13));
}

/** @param {string} text YYMMDD, six digits */
export function isExpiry(text) {
  const [year, month, day] = [0, 2, 4].map((at) => Number(text.slice(at, at + 2)));
  if (month < 1 || month > 12) return false;
  const last = month === 2 && year % 4 !== 0 ? 28 : LAST_DAYS[month - 1];
  return day <= last;
}

/**
 * @param {Tag} tag
 * @returns {Tag} the same
 * @throws {import("./errors.js").OutcomeError} MALFORMED when a field is none of section 2
 */
export function checked(tag) {
  demand(isGtin(tag.gtin) && isValue(tag.lot, 0) && isValue(tag.serial, 1));
  demand(tag.expiry === null || isExpiry(tag.expiry));
  return tag;
}

/**
 * @param {Tag} tag
 * @returns {Uint8Array} what the issuer signed
 */
export function signedBytes({ slot, gtin, expiry, lot, serial }) {
  return joined(
    CONTEXT, Uint8Array.of(slot), bytesOfText(gtin + (expiry ?? "000000")), counted(lot), counted(serial),
  );
}

/** @param {string} text */
function counted(text) {
  return joined(Uint8Array.of(text.length), bytesOfText(text));
}

/**
 * @param {string} text
 * @param {number} shortest
 */
function isValue(text, shortest) {
  if (text.length < shortest || text.length > LONGEST || text === "." || text === "..") return false;
  return [...text].every((character) => SET82.includes(character));
}
