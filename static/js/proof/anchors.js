// Commitments, receipts and what they are worth without a node: docs/spec/log.md, section 7, and section 8, step 8.

import { bytesOfHex, bytesOfNumber, bytesOfText, joined } from "../tag/bytes.js";
import { canonical } from "../tag/canonical.js";
import { verifySignature } from "../tag/ed25519.js";
import { bytesOfBase64, hasMembers, isHex, isMoment, isSame, isWhole, must, parseCanonical, sha256 } from "./canonical.js";
import { verifyConsistency } from "./merkle.js";

/** @typedef {"CLAIMED" | "SELF_ATTESTED" | "UNPINNED"} Standing */

const MAX_LINE = 2048;

/** @param {any} receipt */
export function checkReceipt(receipt) {
  if (receipt?.backend === "rfc3161") {
    hasMembers(receipt, "backend", "token");
    bytesOfBase64(receipt.token);
    return;
  }
  if (receipt?.backend === "journal") {
    hasMembers(receipt, "backend", "line");
    must(typeof receipt.line === "string", "the line is no text");
    return;
  }
  must(["vechain", "evm"].includes(receipt?.backend), "a receipt of an unknown kind");
  hasMembers(receipt, "backend", "network", "genesis", "transaction", "to", "number", "block", "time", "state");
  const { network, genesis, transaction, to, number, block, time, state } = receipt;
  must(typeof network === "string" && [genesis, transaction, block].every((id) => isHex(id, 32)) && isHex(to, 20), "a receipt's ids");
  must(isWhole(number, 0) && isMoment(time) && ["included", "finalized"].includes(state), "a receipt's block");
}

/**
 * @param {any} anchor its form was checked
 * @param {number} index of the entry
 * @param {{origin: string, size: number, root: Uint8Array}} checkpoint
 * @param {import("./pinned.js").AnchorPolicy} policy
 * @returns {Promise<Standing>}
 */
export async function judgeAnchor(anchor, index, checkpoint, policy) {
  must(anchor.size > index, "the anchored log does not hold the entry");
  const root = bytesOfBase64(anchor.root);
  const own = { size: anchor.size, root };
  const [old, present] = anchor.size <= checkpoint.size ? [own, checkpoint] : [checkpoint, own];
  await verifyConsistency(old.size, old.root, present.size, present.root, anchor.consistency.map(bytesOfBase64));
  const { receipt } = anchor;
  if (receipt.backend === "journal") {
    return judgeLine(receipt.line, await commitment(checkpoint.origin, anchor.size, root), policy);
  }
  return receipt.backend === "rfc3161" ? "CLAIMED" : judgeChain(receipt, policy);
}

/**
 * @param {any} receipt
 * @param {import("./pinned.js").AnchorPolicy} policy
 * @returns {Standing}
 */
function judgeChain(receipt, policy) {
  const pinned = policy.chains.find(({ backend, network }) => backend === receipt.backend && network === receipt.network);
  if (pinned === undefined) return "UNPINNED";
  must(pinned.genesis === receipt.genesis, "the receipt is of another network than the one that is pinned");
  return "CLAIMED";
}

/**
 * @param {string} text
 * @param {Uint8Array} wanted the commitment
 * @param {import("./pinned.js").AnchorPolicy} policy
 * @returns {Promise<Standing>}
 */
async function judgeLine(text, wanted, policy) {
  const line = parseCanonical(text, MAX_LINE);
  hasMembers(line, "type", "version", "number", "previous", "at", "commitment", "key", "signature");
  must(line.type === "origintag-journal" && line.version === 1 && isWhole(line.number, 1), "no line of a journal");
  must(isHex(line.previous, 32) && isMoment(line.at) && isHex(line.key, 32), "no line of a journal");
  const { signature, ...unsigned } = line;
  const message = bytesOfText(`origintag/journal/v1\n${canonical(unsigned)}`);
  must(await verifySignature(bytesOfHex(line.key), bytesOfBase64(signature), message), "the line's signature is wrong");
  must(isSame(bytesOfBase64(line.commitment), wanted), "the line is about another checkpoint");
  if (policy.journal === null) return "UNPINNED";
  must(line.key === policy.journal, "the line is signed by another key than the one that is pinned");
  return "SELF_ATTESTED";
}

/**
 * @param {string} origin
 * @param {number} size
 * @param {Uint8Array} root
 */
async function commitment(origin, size, root) {
  const name = await sha256(bytesOfText(origin));
  return joined(bytesOfText("origintag/anchor\u0001"), name, bytesOfNumber(BigInt(size), 8), root);
}
