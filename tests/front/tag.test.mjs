// What the camera page takes for a tag of ours, over the golden vectors of the format.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { readText } from "../../static/js/scan/tag.js";
import { hexOf } from "../../static/js/tag/bytes.js";
import { signedBytes } from "../../static/js/tag/fields.js";

const vectors = JSON.parse(readFileSync(new URL("../vectors/tag-v1.json", import.meta.url), "utf-8"));
const hosts = new Set(JSON.parse(vectors.trust).signed.issuers.flatMap((issuer) => issuer.hosts));

// Whose product it is, and so which host may name it, is asked of the trust bundle.
const FOR_THE_BUNDLE = "host of another issuer";

/** @param {string} text */
function outcome(text) {
  const reading = readText(text, hosts);
  return { ours: "read", odd: reading.outcome, foreign: "FOREIGN_CODE" }[reading.kind];
}

for (const { name, compact, digital_link: link, ...tag } of vectors.valid) {
  for (const text of [link, compact]) {
    test(`a tag's fields come back: ${name}`, () => {
      const reading = readText(text, hosts);
      assert.equal(reading.kind, "ours");
      const { gtin, lot, serial, expiry, slot, signature } = reading.tag;
      assert.deepEqual({ gtin, lot, serial, slot }, { gtin: tag.gtin, lot: tag.lot, serial: tag.serial, slot: tag.slot });
      assert.equal(expiry ?? null, tag.expiry ?? null);
      assert.equal(hexOf(signature), tag.signature);
      assert.equal(hexOf(signedBytes(reading.tag)), tag.signing_bytes);
    });
  }
}

for (const { name, text, outcome: wanted } of vectors.readings.filter((row) => row.name !== FOR_THE_BUNDLE)) {
  const early = ["FOREIGN_CODE", "MALFORMED", "CANNOT_CHECK"].includes(wanted);
  test(`a text is read as the specification has it: ${name}`, () => assert.equal(outcome(text), early ? wanted : "read"));
}

for (const { name, text } of vectors.readings) {
  test(`no text leads off this origin: ${name}`, () => {
    const reading = readText(text, hosts);
    if (reading.kind !== "foreign") assert.equal(new URL(reading.path, "https://here.example").host, "here.example");
  });
}

test("a foreign address names the host that a browser would open", () => {
  const leads = (text) => readText(text, hosts).host;
  assert.equal(leads("https://id.example.com@evil.example/01/"), "evil.example");
  assert.equal(leads("http://Example.NET:8080/x"), "example.net:8080");
  assert.equal(leads("https://іd.example.com/"), "xn--d-evb.example.com"); // a Cyrillic letter in front
  assert.equal(leads("javascript:alert(1)"), "");
  assert.equal(leads("WIFI:S:guest;;"), "");
});
