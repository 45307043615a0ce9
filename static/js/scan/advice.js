// What to change before the camera, from measured frames: said when most of the latest frames agree, and taken back so too.

/** @typedef {import("./quality.js").Quality} Quality */
/** @typedef {"dark" | "glare" | "far" | "blurred"} Advice */

/** Of 255: paper that is darker than this is read through noise. */
const DARK = 70;
/** From this share on a highlight covers more than the correction of a code (level M: 15 % of its words) mends beside others. */
const GLARE = 0.03;
/** Edges that wide, in pixels of a frame of 640, run into each other: a module has two pixels or fewer there. */
const BLURRED = 3;
/** A label this small in a frame of 640 by 360 has less than two pixels a module. */
const FAR = 0.25;

const REMEMBERED = 5;
const ENOUGH = 3;

/**
 * @param {Quality} quality
 * @returns {Advice | null} what hinders most: without light nothing else can be told
 */
export function adviceFor({ light, glare, span, edge }) {
  if (light < DARK) return "dark";
  if (span === 0) return null;
  if (edge > BLURRED) return "blurred"; // before glare: among blurred print bare paper passes for a highlight
  if (glare > GLARE) return "glare";
  return span < FAR ? "far" : null;
}

export class Adviser {
  /** @type {(Advice | null)[]} */
  #latest = [];
  /** @type {Advice | null} */
  #said = null;

  /**
   * @param {Quality} quality of the newest frame
   * @returns {Advice | null}
   */
  take(quality) {
    this.#latest = [...this.#latest, adviceFor(quality)].slice(-REMEMBERED);
    for (const advice of new Set(this.#latest)) {
      if (this.#latest.filter((one) => one === advice).length >= ENOUGH) this.#said = advice;
    }
    return this.#said;
  }
}
