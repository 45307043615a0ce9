// Merkle trees of RFC 6962: inclusion and consistency proofs, checked as in RFC 9162, 2.1.3.2 and 2.1.4.2.

import { isSame, must, sha256 } from "./canonical.js";

/** @param {Uint8Array} data */
export function leafHash(data) {
  return sha256(Uint8Array.of(0), data);
}

/**
 * @param {Uint8Array} left
 * @param {Uint8Array} right
 */
function nodeHash(left, right) {
  return sha256(Uint8Array.of(1), left, right);
}

/**
 * Where a proof is in the tree: the node's number and the last one's, both of the present level.
 * @param {number} node
 * @param {number} last
 */
function* levels(node, last) {
  let [fn, sn] = [BigInt(node), BigInt(last)];
  while (sn > 0n) {
    const isRight = (fn & 1n) === 1n || fn === sn;
    yield isRight;
    if (isRight) while ((fn & 1n) === 0n && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
}

/**
 * @param {Uint8Array} leaf its hash
 * @param {number} index from 0
 * @param {number} size
 * @param {Uint8Array[]} path
 * @param {Uint8Array} root
 */
export async function verifyInclusion(leaf, index, size, path, root) {
  must(index < size, "the index lies outside the tree");
  const sides = [...levels(index, size - 1)];
  must(sides.length === path.length, "the proof is longer or shorter than the tree is high");
  let hash = leaf;
  for (const [at, isRight] of sides.entries()) {
    hash = isRight ? await nodeHash(path[at], hash) : await nodeHash(hash, path[at]);
  }
  must(isSame(hash, root), "the inclusion proof leads to another root");
}

/**
 * That the tree of `oldSize` (from 1) is a prefix of the tree of `size`.
 * @param {number} oldSize
 * @param {Uint8Array} oldRoot
 * @param {number} size
 * @param {Uint8Array} root
 * @param {Uint8Array[]} path
 */
export async function verifyConsistency(oldSize, oldRoot, size, root, path) {
  if (oldSize === size) {
    must(path.length === 0 && isSame(oldRoot, root), "two roots for one size");
    return;
  }
  const hashes = isPowerOfTwo(oldSize) ? [oldRoot, ...path] : path;
  let [fn, sn] = [oldSize - 1, size - 1];
  while (fn % 2 === 1) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  const sides = [...levels(fn, sn)];
  must(hashes.length === sides.length + 1 && path.length > 0, "the proof is longer or shorter than the tree is high");
  let [old, present] = [hashes[0], hashes[0]];
  for (const [at, isRight] of sides.entries()) {
    const sibling = hashes[at + 1];
    if (isRight) [old, present] = [await nodeHash(sibling, old), await nodeHash(sibling, present)];
    else present = await nodeHash(present, sibling);
  }
  must(isSame(old, oldRoot) && isSame(present, root), "the consistency proof leads to another root");
}

/** @param {number} size */
function isPowerOfTwo(size) {
  const number = BigInt(size);
  return (number & (number - 1n)) === 0n;
}
