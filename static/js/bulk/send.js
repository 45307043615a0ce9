// Sends one part and waits when the server asks to: a list that is too fast is slowed down, not refused.

/**
 * @typedef {object} Row one checked code, as tagserver/web/list_page.py writes it
 * @property {number} line
 * @property {number} rank
 * @property {string} kind
 * @property {string} tone
 * @property {string} symbol
 * @property {string} title
 * @property {string} text
 * @property {string} given
 * @property {string} path
 * @property {string} product
 * @property {string} serial
 * @property {string} unit
 * @property {number} times
 * @property {string[]} report
 */

const BUSY = Object.freeze([429, 503]);
const TRIES = 5;

/** The server has judged what was sent, and does not take it. */
export class RefusedError extends Error {}

/**
 * @param {string} path
 * @param {BodyInit} body
 * @param {Record<string, string>} headers
 * @param {AbortSignal} signal
 * @param {(seconds: number) => void} onWait
 * @returns {Promise<Row[]>}
 */
export async function send(path, body, headers, signal, onWait) {
  for (let left = TRIES; left > 0; left -= 1) {
    const answer = await fetch(path, {
      method: "POST", body, headers: { Accept: "application/json", ...headers }, signal,
    });
    if (answer.ok) return (await answer.json()).rows;
    if (!BUSY.includes(answer.status)) throw new RefusedError(`${path}: ${answer.status}`);
    const seconds = Number(answer.headers.get("Retry-After")) || 5;
    onWait(seconds);
    await pause(seconds * 1000, signal);
  }
  throw new Error(`${path}: too busy`);
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}
