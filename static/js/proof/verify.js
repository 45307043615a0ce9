// A proof file verified offline, with pinned keys, in the nine steps of docs/spec/log.md, section 8.

import { bytesOfHex, bytesOfText, hexOf, joined } from "../tag/bytes.js";
import { canonical } from "../tag/canonical.js";
import { parseCompact } from "../tag/compact.js";
import { verifySignature } from "../tag/ed25519.js";
import { signedBytes } from "../tag/fields.js";
import { parseLink } from "../tag/link.js";
import { ownerOf } from "../tag/trust.js";
import { judgeAnchor } from "./anchors.js";
import { bytesOfBase64, must, sha256 } from "./canonical.js";
import { parseEntry, parseFile, parseLogProof } from "./file.js";
import { leafHash, verifyInclusion } from "./merkle.js";
import { isCosignedBy, isSignedBy, parseCheckpoint } from "./note.js";

export const STEPS = Object.freeze([
  "FORMAT", "TAG_SIGNATURE", "BATCH_INCLUSION", "MANIFEST_SIGNATURE", "LOG_INCLUSION", "CHECKPOINT_SIGNATURE",
  "WITNESSES", "ANCHORS", "DIGEST",
]);

/** The first step that fails. */
export class StepError extends Error {
  /**
   * @param {string} step
   * @param {unknown} cause
   */
  constructor(step, cause) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.step = step;
  }
}

/**
 * @param {string} text the file
 * @param {{issuers: any[], pinnedLogs: import("./pinned.js").PinnedLog[]}} trust
 * @param {Date} now
 * @throws {StepError}
 */
export async function verifyProof(text, trust, now) {
  const parts = await at("FORMAT", () => takeApart(text, trust));
  const { file, tag, issuer, entry, log, checkpoint } = parts;
  const key = await at("TAG_SIGNATURE", () => verifyTag(tag, issuer, now));
  await at("BATCH_INCLUSION", () => verifyBatch(file, tag, entry.manifest));
  await at("MANIFEST_SIGNATURE", () => verifyManifest(entry, key));
  await at("LOG_INCLUSION", async () =>
    verifyInclusion(await leafHash(bytesOfBase64(file.entry)), log.index, checkpoint.size, log.path, checkpoint.root));
  const pinned = await at("CHECKPOINT_SIGNATURE", () => logOf(checkpoint.origin, log.note, trust.pinnedLogs));
  const witnesses = await at("WITNESSES", () => witnessesOf(log.note, pinned));
  const anchors = await at("ANCHORS", () =>
    Promise.all(file.anchors.map((anchor) => judgeAnchor(anchor, log.index, checkpoint, pinned.anchors))));
  await at("DIGEST", () => verifyDigest(file));
  return { ...parts, witnesses, isWitnessed: pinned.threshold > 0, anchors };
}

/**
 * @template T
 * @param {string} step
 * @param {() => T | Promise<T>} action
 */
async function at(step, action) {
  try {
    return await action();
  } catch (error) {
    throw new StepError(step, error);
  }
}

/**
 * @param {string} text
 * @param {{issuers: any[]}} trust
 */
function takeApart(text, trust) {
  const file = parseFile(text);
  const log = parseLogProof(file.log_proof);
  const found = /^HTTPS:\/\/([^/]*)(\/.*)$/.exec(file.tag);
  must(found !== null && file.tag.length <= 600, "the tag is no address as it is printed");
  const [, host, path] = found;
  must(trust.issuers.some(({ hosts }) => hosts.includes(host)), "nobody who is believed here lists the tag's host");
  const tag = parseLink(path) ?? parseCompact(path);
  must(tag !== null, "the tag's address is none of ours");
  const issuer = ownerOf(trust, tag.gtin);
  must(issuer === undefined || issuer.hosts.includes(host), "the tag's issuer does not list its host");
  return { file, log, tag, issuer, entry: parseEntry(file.entry), checkpoint: parseCheckpoint(log.note.text) };
}

/**
 * @param {any} tag
 * @param {any} issuer
 * @param {Date} now
 */
async function verifyTag(tag, issuer, now) {
  const time = `${now.toISOString().slice(0, 19)}Z`;
  const key = issuer?.keys.find(({ slot }) => slot === tag.slot);
  must(key !== undefined && time >= key.not_before, "nobody who is believed here has such a key");
  must(await verifySignature(bytesOfHex(key.public_key), tag.signature, signedBytes(tag)), "the signature is not the issuer's");
  must(key.status !== "revoked", "the issuer's key is revoked");
  return key;
}

/**
 * @param {any} file
 * @param {any} tag
 * @param {any} manifest
 */
async function verifyBatch(file, tag, manifest) {
  must(["gtin", "lot", "expiry", "slot"].every((name) => manifest[name] === tag[name]), "the batch is of other goods than the tag");
  const leaf = await leafHash(joined(signedBytes(tag), tag.signature));
  await verifyInclusion(leaf, file.index, manifest.count, file.path.map(bytesOfBase64), bytesOfHex(manifest.root));
}

/**
 * @param {any} entry
 * @param {any} key
 */
async function verifyManifest({ manifest, signature }, key) {
  must(manifest.issued >= key.not_before && manifest.issued < key.not_after, "it was issued while its key was not valid");
  const message = bytesOfText(`origintag/batch/v1\n${canonical(manifest)}`);
  must(await verifySignature(bytesOfHex(key.public_key), bytesOfHex(signature), message), "the signature is not the issuer's");
}

/**
 * @param {string} origin
 * @param {import("./note.js").Note} note
 * @param {import("./pinned.js").PinnedLog[]} logs
 */
async function logOf(origin, note, logs) {
  const pinned = logs.find((log) => log.origin === origin);
  must(pinned !== undefined, "the log is not among those that are believed here");
  for (const key of pinned.keys) if (await isSignedBy(note, key)) return pinned;
  throw new Error("the checkpoint is not signed by the log");
}

/**
 * @param {import("./note.js").Note} note
 * @param {import("./pinned.js").PinnedLog} pinned
 */
async function witnessesOf(note, pinned) {
  const names = [];
  for (const witness of pinned.witnesses) if (await isCosignedBy(note, witness)) names.push(witness.name);
  must(names.length >= pinned.threshold, `cosigned by ${names.length} witnesses, of whom ${pinned.threshold} are wanted`);
  return names;
}

/** @param {any} file */
async function verifyDigest({ digest, ...rest }) {
  must(hexOf(await sha256(bytesOfText(canonical(rest)))) === digest, "the file is not as it was written");
}
