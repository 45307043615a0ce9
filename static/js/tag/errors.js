// Why a text is no tag that can be judged: docs/spec/tag-format.md, section 9.

/** @typedef {"FOREIGN_CODE" | "MALFORMED" | "CANNOT_CHECK" | "KEY_UNKNOWN" | "SIGNATURE_INVALID" | "KEY_REVOKED"} Outcome */

/** An outcome that ends the reading. */
export class OutcomeError extends Error {
  /** @param {Outcome} outcome */
  constructor(outcome) {
    super(outcome);
    this.outcome = outcome;
  }
}

/**
 * @param {unknown} holds what the specification demands
 * @param {Outcome} [outcome]
 * @returns {asserts holds}
 * @throws {OutcomeError}
 */
export function demand(holds, outcome = "MALFORMED") {
  if (!holds) throw new OutcomeError(outcome);
}
