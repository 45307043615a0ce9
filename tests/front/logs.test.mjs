// Trust bundles that pin logs: taken as specified, else not believed.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { parseTrust, TrustError } from "../../static/js/tag/trust.js";

const vectors = JSON.parse(readFileSync(new URL("../vectors/proof-v1.json", import.meta.url), "utf-8"));

test("a bundle with logs is taken", async () => {
  const trust = await parseTrust(vectors.trust, vectors.root_key);
  assert.equal(trust.spec, 2);
  assert.ok(trust.issuers.length > 0);
});

for (const { name, trust } of vectors.bad_trust) {
  test(`refuses logs: ${name}`, async () => {
    await assert.rejects(parseTrust(trust, vectors.root_key), TrustError);
  });
}
