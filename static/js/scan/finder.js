// The finder: the camera opened and closed, watched, and told about: what is seen, what hinders, what else can be done.

import { Adviser } from "./advice.js";
import { CameraError, closeCamera, openCamera } from "./camera.js";
import { attachControls } from "./controls.js";
import { openDecoder } from "./decoder.js";
import { element, show } from "./elements.js";
import { takeStill } from "./frame.js";
import { draw } from "./overlay.js";
import { watch } from "./watch.js";

const SLOW_MS = 8000;
const PROBLEMS = Object.freeze(["denied", "missing", "busy", "unable"]);

/**
 * @typedef {object} Told
 * @property {ReturnType<typeof import("./says.js").speaker>} say
 * @property {(codes: import("./decoder.js").Code[]) => import("./overlay.js").Outline[]} see told of each frame with codes
 * @property {(still: File) => void} still
 */

export class Finder {
  #stop = new AbortController();
  #adviser = new Adviser();
  #lastReadAt = 0;
  #video = element("video", HTMLVideoElement);
  #overlay = element("overlay", SVGSVGElement);
  /** @type {MediaStreamTrack | undefined} */
  #track;

  /** @param {Told} told */
  constructor(told) {
    this.told = told;
  }

  attach() {
    const opener = element("open", HTMLButtonElement);
    opener.addEventListener("click", () => this.open());
    element("still", HTMLButtonElement).addEventListener("click", () => this.#sendStill());
    element("camera", HTMLSelectElement).addEventListener("change", () => this.open());
    element("close", HTMLButtonElement).addEventListener("click", () => {
      this.close();
      opener.focus();
    });
    // Nobody looks: the camera's light goes out. Coming back, by the browser's "back" too, starts afresh.
    addEventListener("pagehide", () => this.close());
    document.addEventListener("visibilitychange", () => document.hidden && this.close());
  }

  async open() {
    this.close();
    const { signal } = (this.#stop = new AbortController());
    this.told.say("starting");
    showProblem("");
    try {
      const decoding = openDecoder(element("scan", HTMLElement).dataset.decoder === "yes"); // fetched while people answer their browser
      decoding.then(
        (decoder) => (signal.aborted ? decoder.close() : signal.addEventListener("abort", decoder.close)),
        () => {}, // told where it is awaited
      );
      this.#track = await openCamera(this.#video, signal);
      await attachControls(this.#track);
      this.#toggle(true);
      const decoder = await decoding;
      this.told.say("looking");
      this.#lastReadAt = performance.now();
      this.#adviser = new Adviser();
      await watch(this.#video, decoder, signal, (look) => this.#look(look));
    } catch (error) {
      if (signal.aborted) return;
      this.close();
      showProblem(error instanceof CameraError ? error.trouble : "unable");
    }
  }

  /** No more frames; the picture stays. */
  stop() {
    this.#stop.abort();
  }

  close() {
    this.stop();
    closeCamera(this.#video);
    this.#toggle(false);
    draw(this.#overlay, this.#video, []);
    this.told.say("");
  }

  /** @param {"several" | "slow"} reason */
  offerStill(reason) {
    this.told.say(reason);
    show("still-offer", navigator.onLine);
  }

  /** @param {import("./watch.js").Look} look */
  #look({ codes, quality }) {
    if (codes.length > 0) {
      this.#lastReadAt = performance.now();
      const outlines = this.told.see(codes);
      if (this.#video.srcObject !== null) draw(this.#overlay, this.#video, outlines);
      return;
    }
    draw(this.#overlay, this.#video, []);
    if (quality === null) return;
    const advice = this.#adviser.take(quality);
    if (performance.now() - this.#lastReadAt > SLOW_MS) show("still-offer", navigator.onLine);
    if (advice !== null) this.told.say(advice);
    else this.told.say(performance.now() - this.#lastReadAt > SLOW_MS ? "slow" : "looking");
  }

  async #sendStill() {
    this.stop();
    this.told.say("sending");
    const still = await takeStill(this.#video, this.#track);
    closeCamera(this.#video);
    this.told.still(still);
  }

  /** @param {boolean} isOpen */
  #toggle(isOpen) {
    show("finder", isOpen);
    show("opener", !isOpen);
    show("intro", !isOpen);
    show("still-offer", false);
    show("foreign", false);
    if (isOpen) show("judged", false);
  }
}

/** @param {string} name "" for none */
function showProblem(name) {
  for (const problem of PROBLEMS) show(`problem-${problem}`, problem === name);
}
