// Signed notes, checkpoints and cosignatures: C2SP, as docs/spec/log.md, section 5, has them.

import { bytesOfText, hexOf } from "../tag/bytes.js";
import { verifySignature } from "../tag/ed25519.js";
import { bytesOfBase64, hashOfBase64, must, sha256 } from "./canonical.js";

/**
 * @typedef {{name: string, id: string, bytes: Uint8Array}} Line a signature; `id` in hex
 * @typedef {{text: string, lines: Line[]}} Note
 * @typedef {{name: string, id: string, publicKey: Uint8Array}} VerifierKey
 */

const MAX_BYTES = 1_000_000;
const MAX_LINES = 100;
const LAST_SECOND = 253_402_300_799n; // the end of the year 9999
export const LOG_KEY = 1;
export const WITNESS_KEY = 4;

/**
 * @param {string} whole
 * @returns {Note}
 */
export function parseNote(whole) {
  must(bytesOfText(whole).length <= MAX_BYTES && !/[\u0000-\u0009\u000b-\u001f]/.test(whole), "no signed note");
  const cut = whole.lastIndexOf("\n\n");
  must(cut >= 0 && whole.endsWith("\n") && cut + 2 < whole.length, "a note without signatures");
  const lines = whole.slice(cut + 2, -1).split("\n").map(parseLine);
  must(lines.length <= MAX_LINES, "too many signatures");
  return { text: whole.slice(0, cut + 1), lines };
}

/** @param {string} line */
function parseLine(line) {
  const found = /^\u2014 ([^ ]*) (.*)$/u.exec(line);
  must(found !== null && isKeyName(found[1]), "a signature line that is none");
  const bytes = bytesOfBase64(found[2]);
  must(bytes.length > 4, "a signature line without a signature");
  return { name: found[1], id: hexOf(bytes.slice(0, 4)), bytes: bytes.slice(4) };
}

/** @param {string} text of a note */
export function parseCheckpoint(text) {
  const lines = text.slice(0, -1).split("\n");
  must(lines.length >= 3 && lines.every((line) => line !== ""), "no checkpoint");
  const [origin, size, root] = lines;
  must(/^(0|[1-9][0-9]{0,18})$/.test(size) && Number.isSafeInteger(Number(size)), "the size is none");
  return { origin, size: Number(size), root: hashOfBase64(root) };
}

/**
 * @param {any} text NAME+ID+BASE64
 * @param {number} type
 * @returns {Promise<VerifierKey>}
 */
export async function parseKey(text, type) {
  const found = typeof text === "string" ? /^([^+]*)\+([0-9a-f]{8})\+(.*)$/s.exec(text) : null;
  must(found !== null && isKeyName(found[1]), "a key that is none");
  const bytes = bytesOfBase64(found[3]);
  must(bytes.length === 33 && bytes[0] === type, "a key of another type");
  const id = hexOf(await sha256(bytesOfText(`${found[1]}\n`), bytes)).slice(0, 8);
  must(id === found[2], "a key of another id");
  return { name: found[1], id, publicKey: bytes.slice(1) };
}

/**
 * Whether `key` signed: there is a line of it, and each is right.
 * @param {Note} note
 * @param {VerifierKey} key
 */
export async function isSignedBy(note, key) {
  const lines = linesOf(note, key);
  for (const { bytes } of lines) {
    if (!(await verifySignature(key.publicKey, bytes, bytesOfText(note.text)))) return false;
  }
  return lines.length > 0;
}

/**
 * Whether `key` cosigned. A line that claims so and is wrong spoils all.
 * @param {Note} note
 * @param {VerifierKey} key
 */
export async function isCosignedBy(note, key) {
  const lines = linesOf(note, key);
  for (const { bytes } of lines) {
    must(bytes.length === 72, `the cosignature of ${key.name} is wrong`);
    const time = BigInt(`0x${hexOf(bytes.slice(0, 8))}`);
    const message = bytesOfText(`cosignature/v1\ntime ${time}\n${note.text}`);
    const isRight = time <= LAST_SECOND && (await verifySignature(key.publicKey, bytes.slice(8), message));
    must(isRight, `the cosignature of ${key.name} is wrong`);
  }
  return lines.length > 0;
}

/**
 * @param {Note} note
 * @param {VerifierKey} key
 */
function linesOf(note, key) {
  return note.lines.filter(({ name, id }) => name === key.name && id === key.id);
}

/** @param {string} name */
function isKeyName(name) {
  return name !== "" && !/[\s\u0085+\u0000-\u001f\p{Surrogate}]/u.test(name.replaceAll("\ufeff", ""));
}
