// One frame of the camera as pixels.

import { lookAt, shrunk } from "./geometry.js";

/** @typedef {import("./geometry.js").Box} Box */
/** @typedef {{pixels: ImageData, part: Box, brightness: number}} Frame brightness: 0 to 255 on average */

const LONGEST = 1280; // beyond it reading takes longer than it gains

const canvas = document.createElement("canvas");
const context = canvas.getContext("2d", { willReadFrequently: true });

/**
 * @param {HTMLVideoElement} video
 * @param {number} turn counts up
 * @returns {Frame | null} null before the camera shows anything
 */
export function takeFrame(video, turn) {
  if (context === null || video.videoWidth === 0) return null;
  const part = lookAt({ width: video.videoWidth, height: video.videoHeight }, turn);
  const { width, height } = shrunk(part, LONGEST);
  canvas.width = width;
  canvas.height = height;
  context.drawImage(video, part.x, part.y, part.width, part.height, 0, 0, width, height);
  const pixels = context.getImageData(0, 0, width, height);
  return { pixels, part, brightness: brightness(pixels.data) };
}

/**
 * A still at the camera's full resolution.
 * @param {HTMLVideoElement} video
 * @returns {Promise<File>}
 */
export async function takeStill(video) {
  const still = document.createElement("canvas");
  still.width = video.videoWidth;
  still.height = video.videoHeight;
  still.getContext("2d")?.drawImage(video, 0, 0);
  const blob = await new Promise((done) => still.toBlob(done, "image/jpeg", 0.92));
  return new File(blob === null ? [] : [blob], "camera.jpg", { type: "image/jpeg" });
}

/** @param {Uint8ClampedArray} rgba */
function brightness(rgba) {
  let sum = 0;
  let count = 0;
  for (let at = 1; at < rgba.length; at += 4 * 97, count += 1) sum += rgba[at]; // green, of one pixel in 97
  return sum / count;
}
