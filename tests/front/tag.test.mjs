// What the camera page takes for a tag of ours, over the golden vectors of the format.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { readText } from "../../static/js/scan/tag.js";

const vectors = JSON.parse(readFileSync(new URL("../vectors/tag-v1.json", import.meta.url), "utf-8"));
const hosts = new Set(JSON.parse(vectors.trust).signed.issuers.flatMap((issuer) => issuer.hosts));
const own = vectors.readings.filter(({ outcome }) => !["FOREIGN_CODE", "MALFORMED"].includes(outcome));
const foreign = vectors.readings.filter(({ outcome }) => outcome === "FOREIGN_CODE");

// Which issuer may use which host is for the page that the tag leads to.
const FOR_THE_PAGE = "host of another issuer";

test("there are vectors of each kind", () => {
  assert.ok(own.length > 40 && foreign.length > 15 && hosts.size > 1);
});

for (const { name, text } of own) {
  test(`a tag of ours, true or not, leads to its page: ${name}`, () => {
    const path = text.trim().replace(/^https:\/\/[^/]*/i, "");
    assert.deepEqual(readText(text, hosts), { kind: "ours", path });
  });
}

for (const { name, text } of foreign.filter((row) => row.name !== FOR_THE_PAGE)) {
  test(`what is foreign is not opened: ${name}`, () => {
    assert.equal(readText(text, hosts).kind, "foreign");
  });
}

for (const { name, text } of vectors.readings) {
  test(`no text leads off this origin: ${name}`, () => {
    const reading = readText(text, hosts);
    if (reading.kind === "ours") assert.equal(new URL(reading.path, "https://here.example").host, "here.example");
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
