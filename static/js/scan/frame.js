// One frame of the camera as pixels.

import { lookAt, shrunk } from "./geometry.js";
import { grayOf, qualityOf } from "./quality.js";

/** @typedef {import("./geometry.js").Box} Box */
/** @typedef {{pixels: ImageData, part: Box}} Frame */

const MEASURED = 640; // enough to tell sharp from blurred, at a quarter of the work

const reading = canvasToRead();
const measuring = canvasToRead();

/**
 * @param {HTMLVideoElement} video
 * @param {number} turn counts up
 * @param {number} longest how many pixels its longer side may have
 * @returns {Frame | null} null before the camera shows anything
 */
export function takeFrame(video, turn, longest) {
  if (video.videoWidth === 0) return null;
  const part = lookAt({ width: video.videoWidth, height: video.videoHeight }, turn);
  return { pixels: drawn(reading, video, part, longest), part };
}

/**
 * @param {HTMLVideoElement} video
 * @returns {import("./quality.js").Quality | null}
 */
export function measureFrame(video) {
  if (video.videoWidth === 0) return null;
  const whole = { x: 0, y: 0, width: video.videoWidth, height: video.videoHeight };
  const { data, width, height } = drawn(measuring, video, whole, MEASURED);
  return qualityOf(grayOf(data, width, height));
}

/**
 * A still at the camera's full resolution.
 * @param {HTMLVideoElement} video
 * @param {MediaStreamTrack | undefined} track
 * @returns {Promise<File>}
 */
export async function takeStill(video, track) {
  const blob = (await photographed(track)) ?? (await ofVideo(video));
  return new File([blob], "camera.jpg", { type: blob.type });
}

/**
 * Many cameras take larger stills than they film; those that cannot say so are filmed.
 * @param {MediaStreamTrack | undefined} track
 * @returns {Promise<Blob | null>}
 */
async function photographed(track) {
  if (track === undefined || globalThis.ImageCapture === undefined) return null;
  const late = new Promise((done) => setTimeout(() => done(null), 4000));
  return Promise.race([new ImageCapture(track).takePhoto().catch(() => null), late]);
}

/**
 * @param {HTMLVideoElement} video
 * @returns {Promise<Blob>}
 */
async function ofVideo(video) {
  const still = document.createElement("canvas");
  still.width = video.videoWidth;
  still.height = video.videoHeight;
  still.getContext("2d")?.drawImage(video, 0, 0);
  const blob = await new Promise((done) => still.toBlob(done, "image/jpeg", 0.92));
  return blob ?? new Blob([], { type: "image/jpeg" });
}

function canvasToRead() {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true, alpha: false });
  if (context === null) throw new Error("this browser has no canvas");
  return context;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {HTMLVideoElement} video
 * @param {Box} part
 * @param {number} longest
 */
function drawn(context, video, part, longest) {
  const { width, height } = shrunk(part, longest);
  const { canvas } = context;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  context.drawImage(video, part.x, part.y, part.width, part.height, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}
