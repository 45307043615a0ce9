// The device's list of scans: kept over reloads, each waiting until the server has answered for it.

import { allScans, dropScans, storeScans } from "./database.js";

/**
 * @typedef {import("../bulk/send.js").Row} Row
 * @typedef {object} Scan
 * @property {string} id 128 random bits in hex: sent again, it is the same scan
 * @property {string} text what was read
 * @property {string} at when, ISO
 * @property {Local} local what the device itself said then
 * @property {Row | null} row what the server said, null while it waits
 * @property {string | null} checkedAt when the server said so, ISO
 * @property {boolean} [twice] two packs carried it in one picture
 * @typedef {{code: string, kind: string, tone: string, symbol: string, title: string, text: string, serial: string, gtin: string,
 *   lot: string}} Local
 */

export class Scans {
  /** @type {Map<string, Scan>} by text, in the order in which they were made */
  #byText = new Map();

  /** What was kept; nothing where the browser keeps nothing. */
  async load() {
    const found = await allScans().catch(() => []);
    found.sort((one, other) => (one.at < other.at ? -1 : 1));
    this.#byText = new Map(found.map((scan) => [scan.text, scan]));
  }

  /** @returns {Scan[]} from the first on */
  all() {
    return [...this.#byText.values()];
  }

  /** @returns {Scan[]} those that the server has not answered for */
  waiting() {
    return this.all().filter(({ row }) => row === null);
  }

  /** @param {string} text */
  find(text) {
    return this.#byText.get(text);
  }

  /**
   * @param {string} text
   * @param {Local} local
   * @returns {Promise<Scan>} resolved when it is kept
   */
  async add(text, local) {
    const scan = { id: newId(), text, at: new Date().toISOString(), local, row: null, checkedAt: null };
    this.#byText.set(text, scan);
    await storeScans([scan]).catch(() => {}); // without a shelf the list lives as long as the page
    return scan;
  }

  /**
   * @param {Scan} scan
   * @param {Partial<Scan>} change
   */
  async change(scan, change) {
    const changed = { ...scan, ...change };
    if (this.#byText.get(scan.text)?.id !== scan.id) return; // dropped meanwhile
    this.#byText.set(scan.text, changed);
    await storeScans([changed]).catch(() => {});
  }

  async clear() {
    const ids = this.all().map(({ id }) => id);
    this.#byText.clear();
    await dropScans(ids).catch(() => {});
  }
}

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
