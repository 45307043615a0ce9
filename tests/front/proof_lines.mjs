// Answers lines of JSON, {"trust", "root_key", "now", "proof_file"}, with what the page that verifies proofs says of each:
// {"outcome"}, VALID or the step that refuses.

import { createInterface } from "node:readline";

import { logsOf } from "../../static/js/proof/pinned.js";
import { StepError, verifyProof } from "../../static/js/proof/verify.js";
import { parseTrust } from "../../static/js/tag/trust.js";

for await (const line of createInterface({ input: process.stdin })) {
  const { trust: file, root_key: rootKey, now, proof_file: proof } = JSON.parse(line);
  const trust = await parseTrust(file, rootKey);
  let outcome = "VALID";
  try {
    await verifyProof(proof, { ...trust, pinnedLogs: await logsOf(trust) }, new Date(now));
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    outcome = error.step;
  }
  process.stdout.write(`${JSON.stringify({ outcome })}\n`);
}
