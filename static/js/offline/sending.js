// Sends waiting scans until the server has answered for each: at once, or after hours without a connection. A scan may be
// sent more than once; its id keeps it one scan.

/** @typedef {import("./scans.js").Scan} Scan */

const AT_ONCE = 25;
const GATHER_MS = 400; // what is read in one go is sent in one go
const PATIENCE_MS = 20_000;
const SHORTEST_WAIT_S = 2;
const LONGEST_WAIT_S = 60;

export class Sending {
  #timer = 0;
  #failures = 0;
  #isBusy = false;

  /**
   * @param {import("./scans.js").Scans} scans
   * @param {() => void} changed told after each answer, and each failure
   */
  constructor(scans, changed) {
    this.scans = scans;
    this.changed = changed;
    this.reachable = true;
    addEventListener("online", () => this.wake());
    document.addEventListener("visibilitychange", () => document.hidden || this.wake());
  }

  /** There may be something to send. */
  wake(afterMs = GATHER_MS) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#send(), afterMs);
  }

  async #send() {
    const some = this.scans.waiting().slice(0, AT_ONCE);
    if (some.length === 0 || this.#isBusy) return;
    this.#isBusy = true;
    const waitSeconds = await this.#sent(some);
    this.#isBusy = false;
    this.changed();
    if (this.scans.waiting().length > 0) this.wake(waitSeconds * 1000 || GATHER_MS);
  }

  /**
   * @param {Scan[]} some
   * @returns {Promise<number>} after how many seconds to go on
   */
  async #sent(some) {
    try {
      const answer = await post(some);
      this.reachable = true;
      if (answer.ok) {
        this.#failures = 0;
        const { scans, checked_at: checkedAt } = await answer.json();
        const rows = new Map(scans.map(({ id, row }) => [id, row]));
        for (const scan of some) await this.scans.change(scan, { row: rows.get(scan.id) ?? null, checkedAt });
        return 0;
      }
      return this.#wait(Number(answer.headers.get("Retry-After")));
    } catch {
      this.reachable = false;
      return this.#wait(0);
    }
  }

  /** @param {number} asked by the server, in seconds; 0 when it did not say */
  #wait(asked) {
    this.#failures += 1;
    return Math.max(asked, Math.min(LONGEST_WAIT_S, SHORTEST_WAIT_S ** this.#failures));
  }
}

/** @param {Scan[]} some */
function post(some) {
  return fetch("/scan/check", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ scans: some.map(({ id, text }) => ({ id, text })) }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
}
