// Ed25519 (RFC 8032, 5.1.7): the browser's own where it has one, else @noble/ed25519, fetched only then.

import { bytesOfHex, hexOf } from "./bytes.js";

/** @typedef {(key: Uint8Array, signature: Uint8Array, message: Uint8Array) => Promise<boolean>} Verifier */

const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const NOBLE = new URL("../../vendor/noble-ed25519/index.js", import.meta.url).href;

// RFC 8032, 7.1, test 1: what cannot verify this, or verifies it with another message, is not used.
const KNOWN = Object.freeze({
  key: bytesOfHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
  signature: bytesOfHex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ),
});

/** @type {Promise<Verifier> | undefined} */
let chosen;

/**
 * @param {Uint8Array} key 32 bytes
 * @param {Uint8Array} signature 64 bytes
 * @param {Uint8Array} message
 * @returns {Promise<boolean>} rejected where nothing here can tell
 */
export async function verifySignature(key, signature, message) {
  if (signature.length !== 64 || scalarOf(signature) >= GROUP_ORDER) return false;
  chosen ??= choose();
  const verify = await chosen.catch((error) => {
    chosen = undefined; // the network may be back next time
    throw error;
  });
  return verify(key, signature, message);
}

/** @returns {Promise<Verifier>} */
async function choose() {
  for (const open of [ofBrowser, ofNoble]) {
    const verify = await open().catch(() => null);
    if (verify !== null && (await isRight(verify))) return verify;
  }
  throw new Error("nothing here verifies Ed25519");
}

/** @returns {Promise<Verifier>} */
export async function ofBrowser() {
  const { subtle } = globalThis.crypto;
  await subtle.importKey("raw", KNOWN.key, "Ed25519", false, ["verify"]);
  return async (key, signature, message) => {
    try {
      return await subtle.verify("Ed25519", await subtle.importKey("raw", key, "Ed25519", false, ["verify"]), signature, message);
    } catch {
      return false; // a key that is no point
    }
  };
}

/** @returns {Promise<Verifier>} */
export async function ofNoble(address = NOBLE) {
  const { verifyAsync } = await import(address);
  return async (key, signature, message) => {
    try {
      return await verifyAsync(signature, message, key, { zip215: false });
    } catch {
      return false;
    }
  };
}

/** @param {Verifier} verify */
async function isRight(verify) {
  const { key, signature } = KNOWN;
  return (await verify(key, signature, new Uint8Array())) && !(await verify(key, signature, Uint8Array.of(0)));
}

/** @param {Uint8Array} signature its second half is S, little-endian */
function scalarOf(signature) {
  return BigInt(`0x${hexOf(signature.slice(32).reverse())}`);
}
