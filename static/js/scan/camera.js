// The camera: opened on demand, closed as soon as nobody looks.

import { setting } from "./settings.js";

/** @typedef {"denied" | "missing" | "busy"} Trouble */

/** Why the camera did not open. */
export class CameraError extends Error {
  /** @param {Trouble} trouble */
  constructor(trouble) {
    super(trouble);
    this.trouble = trouble;
  }
}

/** Full HD: a label of 20 mm held at arm's length still has three pixels a module. */
const SIZE = Object.freeze({ width: { ideal: 1920 }, height: { ideal: 1080 } });

/** The camera that was chosen last, "" for none. */
export const remembered = setting("camera");

/**
 * @param {HTMLVideoElement} video shows it
 * @param {AbortSignal} stop when it is no longer wanted, even while it opens
 * @returns {Promise<MediaStreamTrack>}
 * @throws {CameraError}
 */
export async function openCamera(video, stop) {
  if (navigator.mediaDevices === undefined) throw new CameraError("missing"); // pages without TLS have none
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: wanted() });
    video.srcObject = stream;
    stop.throwIfAborted();
    await video.play();
    return stream.getVideoTracks()[0];
  } catch (error) {
    closeCamera(video);
    throw new CameraError(troubleOf(error));
  }
}

/** @param {HTMLVideoElement} video */
export function closeCamera(video) {
  const stream = video.srcObject;
  video.srcObject = null;
  if (stream instanceof MediaStream) for (const track of stream.getTracks()) track.stop();
}

/**
 * What the camera can be told, where it can be told anything.
 * @param {MediaStreamTrack} track
 * @returns {{torch: boolean, focus: boolean, zoom: {min: number, max: number, step: number} | null}} focus: that follows the label
 */
export function controlsOf(track) {
  const able = track.getCapabilities?.() ?? {};
  const zoom = able.zoom !== undefined && able.zoom.max > able.zoom.min ? able.zoom : null;
  return { torch: able.torch === true, focus: able.focusMode?.includes("continuous") ?? false, zoom };
}

/** @returns {Promise<MediaDeviceInfo[]>} */
export async function camerasOf() {
  const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
  return devices.filter(({ kind, deviceId }) => kind === "videoinput" && deviceId !== "");
}

/** One that is gone is no reason to open none: it is a wish, not a condition. */
function wanted() {
  const deviceId = remembered.get();
  return deviceId ? { ...SIZE, deviceId: { ideal: deviceId } } : { ...SIZE, facingMode: { ideal: "environment" } };
}

/**
 * @param {MediaStreamTrack} track
 * @param {{torch?: boolean, zoom?: number, focusMode?: string}} wish
 */
export async function tell(track, wish) {
  await track.applyConstraints({ advanced: [wish] });
}

/**
 * @param {unknown} error
 * @returns {Trouble}
 */
function troubleOf(error) {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  return "busy";
}
