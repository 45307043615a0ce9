// Watching: one frame after the other is read, until somebody says stop.

import { takeFrame } from "./frame.js";

/** @typedef {import("./decoder.js").Code} Code */
/** @typedef {import("./decoder.js").Decoder} Decoder */
/** @typedef {{codes: Code[], brightness: number}} Look corners in pixels of the video */

const PAUSE_MS = 60; // leaves a slow phone time for everything else

/**
 * @param {HTMLVideoElement} video
 * @param {Decoder} decoder
 * @param {AbortSignal} stop
 * @param {(look: Look) => void} see told after each frame
 * @returns {Promise<void>} rejected when the decoder gives up
 */
export async function watch(video, decoder, stop, see) {
  for (let turn = 0; !stop.aborted; turn += 1) {
    const frame = takeFrame(video, turn);
    if (frame !== null) {
      const { pixels, part, brightness } = frame;
      const scale = part.width / pixels.width; // taken before the pixels are given away
      const codes = await decoder.read(pixels);
      if (stop.aborted) return;
      see({ codes: codes.map((code) => ({ ...code, corners: code.corners.map(moved) })), brightness });

      /** @param {{x: number, y: number}} corner */
      function moved(corner) {
        return { x: corner.x * scale + part.x, y: corner.y * scale + part.y };
      }
    }
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  }
}
