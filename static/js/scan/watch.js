// Watching: one frame after the other is read, until somebody says stop. While one is read the next is taken.

import { measureFrame, takeFrame } from "./frame.js";
import { Pace } from "./pace.js";

/** @typedef {import("./decoder.js").Code} Code */
/** @typedef {import("./decoder.js").Decoder} Decoder */
/** @typedef {import("./quality.js").Quality} Quality */
/** @typedef {{codes: Code[], quality: Quality | null}} Look corners in pixels of the video; quality where it was measured */

const MEASURE_MS = 400;
const IDLE_MS = 30; // before the camera shows anything

/**
 * @param {HTMLVideoElement} video
 * @param {Decoder} decoder
 * @param {AbortSignal} stop
 * @param {(look: Look) => void} see told after each frame
 * @returns {Promise<void>} rejected when the decoder gives up
 */
export async function watch(video, decoder, stop, see) {
  const pace = new Pace();
  let [measuredAt, frames] = [0, 0];
  for (let frame = take(video, pace), next = null; !stop.aborted; frame = next) {
    if (frame === null) {
      await pause(IDLE_MS);
      next = take(video, pace);
      continue;
    }
    const { pixels, part, isThorough } = frame;
    const startedAt = performance.now();
    const scale = part.width / pixels.width; // taken before the pixels are given away
    const reading = decoder.read(pixels, isThorough);
    next = take(video, pace);
    const codes = await reading;
    if (stop.aborted) return;
    const isDue = codes.length === 0 && startedAt - measuredAt > MEASURE_MS;
    if (isDue) measuredAt = startedAt;
    see({ codes: codes.map((code) => placed(code, part, scale)), quality: isDue ? measureFrame(video) : null });
    frames += 1;
    video.dataset.frames = String(frames); // how many were read: bench/camera.py counts them
    await pause(0); // the page gets its turn
    pace.took(performance.now() - startedAt, isThorough); // all of it, for a slow page reads as few frames as a slow decoder
  }
}

/**
 * @param {HTMLVideoElement} video
 * @param {Pace} pace
 */
function take(video, pace) {
  const { longest, isThorough, turn } = pace.next();
  const frame = takeFrame(video, turn, longest);
  return frame && { ...frame, isThorough };
}

/**
 * @param {Code} code corners in pixels of the frame
 * @param {import("./geometry.js").Box} part
 * @param {number} scale
 * @returns {Code} corners in pixels of the video
 */
function placed(code, part, scale) {
  return { ...code, corners: code.corners.map(({ x, y }) => ({ x: x * scale + part.x, y: y * scale + part.y })) };
}

/** @param {number} milliseconds */
function pause(milliseconds) {
  return new Promise((done) => setTimeout(done, milliseconds));
}
