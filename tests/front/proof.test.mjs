// The page that verifies proofs offline, over the golden vectors of docs/spec/log.md.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { logsOf } from "../../static/js/proof/pinned.js";
import { STEPS, StepError, verifyProof } from "../../static/js/proof/verify.js";
import { parseTrust } from "../../static/js/tag/trust.js";

const vectors = JSON.parse(readFileSync(new URL("../vectors/proof-v1.json", import.meta.url), "utf-8"));
const now = new Date(vectors.now);

async function trusted(text) {
  const trust = await parseTrust(text, vectors.root_key);
  return { ...trust, pinnedLogs: await logsOf(trust) };
}

const trust = await trusted(vectors.trust);

async function stepOf(text) {
  try {
    await verifyProof(text, trust, now);
  } catch (error) {
    assert.ok(error instanceof StepError && error.message !== "", error);
    return error.step;
  }
  return null;
}

for (const vector of vectors.proofs) {
  test(`holds: ${vector.name}`, async () => {
    const found = await verifyProof(vector.proof, trust, now);
    assert.equal(found.tag.serial, vector.serial);
    assert.equal(found.issuer.name, vector.issuer);
    assert.equal(found.entry.manifest.batch, vector.batch);
    assert.equal(found.log.index, vector.log_index);
    assert.equal(found.checkpoint.size, vector.size);
    assert.deepEqual(found.witnesses, vector.witnesses);
    assert.deepEqual(found.anchors, vector.anchors);
  });
}

for (const { name, proof, step } of vectors.bad_proofs) {
  test(`${step} refuses: ${name}`, async () => assert.equal(await stepOf(proof), step));
}

for (const { name, trust: text } of vectors.bad_trust) {
  test(`no such bundle is believed: ${name}`, async () => assert.rejects(trusted(text)));
}

test("a bundle without logs is believed, and confirms no proof", async () => {
  const tags = JSON.parse(readFileSync(new URL("../vectors/tag-v1.json", import.meta.url), "utf-8"));
  const without = await parseTrust(tags.trust, tags.root_key);
  const refused = verifyProof(vectors.proofs[0].proof, { ...without, pinnedLogs: await logsOf(without) }, now);
  await assert.rejects(refused, ({ step }) => step === "CHECKPOINT_SIGNATURE");
});

test("every step is attacked", () => {
  assert.deepEqual(new Set(vectors.bad_proofs.map(({ step }) => step)), new Set(STEPS));
});

test("a file with a bit of any fifth byte changed is refused, at a step that has a name", async () => {
  const good = Buffer.from(vectors.proofs[0].proof);
  for (let place = 0; place < good.length; place += 5) {
    const bytes = Buffer.from(good);
    bytes[place] ^= 1 << place % 7;
    assert.ok(STEPS.includes(await stepOf(bytes.toString("utf-8"))), `byte ${place}`);
  }
});
