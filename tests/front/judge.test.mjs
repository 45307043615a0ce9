// What the page verifies by itself: signatures by both verifiers, trust bundles, and verdicts without the record.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import test from "node:test";

import { readText } from "../../static/js/scan/tag.js";
import { bytesOfHex, bytesOfText } from "../../static/js/tag/bytes.js";
import { ofBrowser, ofNoble, verifySignature } from "../../static/js/tag/ed25519.js";
import { signedBytes } from "../../static/js/tag/fields.js";
import { judge, lastDayOf } from "../../static/js/tag/judge.js";
import { parseTrust, TrustError } from "../../static/js/tag/trust.js";

const vectors = JSON.parse(readFileSync(new URL("../vectors/tag-v1.json", import.meta.url), "utf-8"));
const noble = new URL("../../static/vendor/noble-ed25519/index.js", import.meta.url);
const trust = await parseTrust(vectors.trust, vectors.root_key);
const hosts = new Set(trust.issuers.flatMap((issuer) => issuer.hosts));
const now = new Date(vectors.now);
const first = vectors.valid[0];

/**
 * @param {string} text
 * @param {object} [more] of provisions
 * @param {Date} [at]
 */
async function codeOf(text, more = {}, at = now) {
  const reading = readText(text, hosts);
  if (reading.kind === "foreign") return "FOREIGN_CODE";
  if (reading.kind === "odd") return reading.outcome;
  return (await judge(reading.tag, reading.host, { trust, recalls: [], ...more }, at)).code;
}

const OUTCOMES = Object.freeze({ VALID: ["SIGNATURE_ONLY", "EXPIRED"] });

for (const { name, text, outcome } of vectors.readings) {
  test(`the outcome is the specification's: ${name}`, async () => {
    assert.ok((OUTCOMES[outcome] ?? [outcome]).includes(await codeOf(text)), await codeOf(text));
  });
}

for (const { name, trust: text } of vectors.bad_trust) {
  test(`refuses a bundle: ${name}`, async () => {
    await assert.rejects(parseTrust(text, vectors.root_key), TrustError);
  });
}

test("refuses a bundle of another root key", async () => {
  await assert.rejects(parseTrust(vectors.trust, vectors.root_key.replace(/^./, (digit) => (digit === "0" ? "1" : "0"))), TrustError);
});

for (const [name, open] of [["the browser's own", ofBrowser], ["@noble/ed25519", () => ofNoble(noble)]]) {
  test(`${name} verifies every vector, and none that was changed`, { skip: name[0] === "@" && !existsSync(noble) && "make setup" }, async () => {
    const verify = await open();
    for (const { public_key: key, signing_bytes: message, signature } of vectors.valid) {
      const [k, s, m] = [key, signature, message].map(bytesOfHex);
      assert.equal(await verify(k, s, m), true);
      for (const spoilt of [k, s, m]) {
        spoilt[5] ^= 1;
        assert.equal(await verify(k, s, m), false);
        spoilt[5] ^= 1;
      }
    }
  });
}

test("a signature whose scalar is too large is refused before anybody is asked", async () => {
  const signature = bytesOfHex(first.signature);
  let carry = 0n;
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  for (let at = 0; at < 32; at += 1) {
    const sum = BigInt(signature[32 + at]) + ((order >> BigInt(8 * at)) & 255n) + carry;
    signature[32 + at] = Number(sum & 255n);
    carry = sum >> 8n;
  }
  assert.equal(await verifySignature(bytesOfHex(first.public_key), signature, bytesOfHex(first.signing_bytes)), false);
});

test("without a bundle nothing is confirmed, and nothing refuted", async () => {
  assert.equal(await codeOf(first.digital_link, { trust: null }), "CANNOT_CHECK");
});

test("a stale bundle confirms nothing, and refutes what it refuted", async () => {
  const late = new Date(trust.expires);
  const forged = vectors.readings.find(({ outcome }) => outcome === "SIGNATURE_INVALID");
  assert.equal(await codeOf(forged.text, {}, late), "SIGNATURE_INVALID");
  const unknown = vectors.readings.find(({ outcome }) => outcome === "KEY_UNKNOWN");
  assert.notEqual(await codeOf(unknown.text, {}, late), "KEY_UNKNOWN");
  assert.equal(await codeOf(first.digital_link, {}, new Date(Date.parse(trust.expires) - 1000)), "SIGNATURE_ONLY");
  assert.equal(await codeOf(first.digital_link, {}, late), "CANNOT_CHECK");
});

const RECALL = Object.freeze({ gtin: first.gtin, lot: null, serial: null, kind: "recall", reason: "leaks", instructions: "", at: vectors.now });

for (const [name, change, code] of [
  ["of the product", {}, "RECALLED"],
  ["of the lot", { lot: first.lot }, "RECALLED"],
  ["of the unit", { lot: first.lot, serial: first.serial }, "RECALLED"],
  ["withdrawn", { kind: "withdraw" }, "WITHDRAWN"],
  ["of another lot", { lot: "OTHER" }, "SIGNATURE_ONLY"],
  ["of another unit", { serial: "OTHER" }, "SIGNATURE_ONLY"],
  ["of another product", { gtin: "09520001000010" }, "SIGNATURE_ONLY"],
]) {
  test(`a recall that the device knows: ${name}`, async () => {
    assert.equal(await codeOf(first.digital_link, { recalls: [{ ...RECALL, ...change }] }), code);
  });
}

test("a recall hides no forgery", async () => {
  const reading = readText(first.digital_link, hosts);
  reading.tag.signature[3] ^= 1;
  const finding = await judge(reading.tag, reading.host, { trust, recalls: [RECALL] }, now);
  assert.equal(finding.code, "SIGNATURE_INVALID");
});

test("the last day of an expiry follows GS1's century and month's end", () => {
  assert.equal(lastDayOf("271231", 2026), "2027-12-31");
  assert.equal(lastDayOf("280200", 2026), "2028-02-29");
  assert.equal(lastDayOf("270200", 2026), "2027-02-28");
  assert.equal(lastDayOf("991231", 2026), "1999-12-31");
  assert.equal(lastDayOf("010131", 2099), "2101-01-31");
});

test("the signed bytes of a text that is no tag are nobody's", () => {
  assert.equal(signedBytes({ ...first, expiry: null, signature: bytesOfText("") }).length, 17 + 1 + 14 + 6 + 1 + first.lot.length + 1 + first.serial.length);
});
