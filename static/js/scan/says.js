// The one line that says what goes on; its sentences stand in the page, so they are translated with it.

import { fill } from "./verdicts.js";

/** @typedef {"starting" | "looking" | "dark" | "glare" | "far" | "blurred" | "slow" | "found" | "foreign" | "several" | "sending" |
 *   "counting"} Sentence */

/**
 * @param {HTMLElement} line is read aloud when it changes
 * @param {HTMLElement} sentences
 * @returns {(sentence: Sentence | "", values?: Record<string, number>) => void}
 */
export function speaker(line, sentences) {
  return (sentence, values = {}) => {
    const text = sentence && fill(sentences.querySelector(`[data-say="${sentence}"]`)?.textContent ?? "", values);
    if (line.textContent !== text) line.textContent = text;
  };
}
