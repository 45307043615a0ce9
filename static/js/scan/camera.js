// The camera: opened on demand, closed as soon as nobody looks.

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
const WANTED = Object.freeze({
  audio: false,
  video: { facingMode: { ideal: "environment" }, width: { ideal: 1920 }, height: { ideal: 1080 } },
});

/**
 * @param {HTMLVideoElement} video shows it
 * @param {AbortSignal} stop when it is no longer wanted, even while it opens
 * @returns {Promise<MediaStreamTrack>}
 * @throws {CameraError}
 */
export async function openCamera(video, stop) {
  if (navigator.mediaDevices === undefined) throw new CameraError("missing"); // pages without TLS have none
  try {
    const stream = await navigator.mediaDevices.getUserMedia(WANTED);
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
 * @returns {{torch: boolean, zoom: {min: number, max: number, step: number} | null}}
 */
export function controlsOf(track) {
  const able = track.getCapabilities?.() ?? {};
  const zoom = able.zoom !== undefined && able.zoom.max > able.zoom.min ? able.zoom : null;
  return { torch: able.torch === true, zoom };
}

/**
 * @param {MediaStreamTrack} track
 * @param {{torch?: boolean, zoom?: number}} setting
 */
export async function tell(track, setting) {
  await track.applyConstraints({ advanced: [setting] });
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
