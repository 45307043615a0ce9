// The one line that says what goes on; its sentences stand in the page, so they are translated with it.

/** @typedef {"starting" | "looking" | "dark" | "slow" | "found" | "foreign" | "several" | "sending"} Sentence */

/**
 * @param {HTMLElement} line is read aloud when it changes
 * @param {HTMLElement} sentences
 * @returns {(sentence: Sentence | "") => void}
 */
export function speaker(line, sentences) {
  return (sentence) => {
    const text = sentence && (sentences.querySelector(`[data-say="${sentence}"]`)?.textContent ?? "");
    if (line.textContent !== text) line.textContent = text;
  };
}
