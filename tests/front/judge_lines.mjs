// Answers lines of JSON, {"trust", "root_key", "now", "text"}, with the code that the page's own judgement gives.

import { createInterface } from "node:readline";

import { readText } from "../../static/js/scan/tag.js";
import { judge } from "../../static/js/tag/judge.js";
import { parseTrust } from "../../static/js/tag/trust.js";

const bundles = new Map();

for await (const line of createInterface({ input: process.stdin })) {
  const { trust: file, root_key: rootKey, now, text } = JSON.parse(line);
  if (!bundles.has(file)) bundles.set(file, await parseTrust(file, rootKey));
  const trust = bundles.get(file);
  const reading = readText(text, new Set(trust.issuers.flatMap((issuer) => issuer.hosts)));
  const finding = reading.kind === "ours" ? await judge(reading.tag, reading.host, { trust, recalls: [] }, new Date(now)) : {};
  process.stdout.write(`${JSON.stringify(finding.code ?? (reading.kind === "odd" ? reading.outcome : "FOREIGN_CODE"))}\n`);
}
