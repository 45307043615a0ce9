// The proof file, taken apart: docs/spec/log.md, sections 3 and 8. Nothing is verified here.

import { bytesOfText } from "../tag/bytes.js";
import { isExpiry, isGtin, SET82 } from "../tag/fields.js";
import { checkReceipt } from "./anchors.js";
import { bytesOfBase64, hasMembers, hashOfBase64, isHex, isList, isMoment, isWhole, must, parseCanonical, textOfBytes } from "./canonical.js";
import { parseNote } from "./note.js";

const MAX_FILE = 262_144;
const MAX_ENTRY = 65_535;
const MAX_LOG_PROOF = 65_536;
const HEADER = "c2sp.org/tlog-proof@v1";

/** @param {string} text */
export function parseFile(text) {
  const file = parseCanonical(text.replace(/\n$/, ""), MAX_FILE);
  hasMembers(file, "type", "version", "tag", "index", "path", "entry", "log_proof", "anchors", "digest");
  must(file.type === "origintag-proof" && file.version === 1, "no proof of version 1");
  must(typeof file.tag === "string" && isWhole(file.index, 0, 2 ** 32 - 1) && isHex(file.digest, 32), "a value of another form");
  must(isList(file.path, 32) && isList(file.anchors, 32), "a list that is none, or too long");
  file.path.forEach(hashOfBase64);
  file.anchors.forEach(checkAnchor);
  return file;
}

/** @param {any} anchor */
function checkAnchor(anchor) {
  hasMembers(anchor, "size", "root", "consistency", "receipt");
  must(isWhole(anchor.size, 1) && isList(anchor.consistency, 128), "an anchor that is none");
  [anchor.root, ...anchor.consistency].forEach(hashOfBase64);
  checkReceipt(anchor.receipt);
}

/** @param {any} text */
export function parseLogProof(text) {
  must(typeof text === "string" && bytesOfText(text).length <= MAX_LOG_PROOF, "no log proof");
  const cut = text.indexOf("\n\n");
  const [header, index, ...path] = text.slice(0, Math.max(cut, 0)).split("\n");
  const found = /^index (0|[1-9][0-9]{0,15})$/.exec(index ?? "");
  must(header === HEADER && found !== null && Number.isSafeInteger(Number(found[1])) && path.length <= 63, "no log proof");
  return { index: Number(found[1]), path: path.map(hashOfBase64), note: parseNote(text.slice(cut + 2)) };
}

/** @param {any} encoded a batch's entry in base 64 */
export function parseEntry(encoded) {
  const entry = parseCanonical(textOfBytes(bytesOfBase64(encoded)), MAX_ENTRY);
  hasMembers(entry, "entry", "version", "manifest", "signature");
  must(entry.entry === "batch" && entry.version === 1 && isHex(entry.signature, 64), "no entry of a batch");
  const { manifest } = entry;
  hasMembers(manifest, "type", "batch", "gtin", "lot", "expiry", "count", "slot", "root", "issued");
  must(manifest.type === "origintag-batch" && isWhole(manifest.batch, 1, 2 ** 32 - 1) && isWhole(manifest.count, 1, 2 ** 32), "no manifest");
  must(typeof manifest.gtin === "string" && isGtin(manifest.gtin) && isLot(manifest.lot), "no product");
  must(manifest.expiry === null || (/^[0-9]{6}$/.test(manifest.expiry) && isExpiry(manifest.expiry)), "no expiry");
  must(isWhole(manifest.slot, 0, 255) && isHex(manifest.root, 32) && isMoment(manifest.issued), "no manifest");
  return entry;
}

/** @param {any} lot "" for none */
function isLot(lot) {
  return typeof lot === "string" && lot.length <= 20 && lot !== "." && lot !== ".." && [...lot].every((one) => SET82.includes(one));
}
