// Light, zoom and the choice of a camera, each shown only where there is something to choose.

import { camerasOf, controlsOf, remembered, tell } from "./camera.js";
import { element, show } from "./elements.js";

/** @param {MediaStreamTrack} track */
export async function attachControls(track) {
  const { torch, zoom, focus } = controlsOf(track);
  if (focus) await tell(track, { focusMode: "continuous" }).catch(() => {}); // labels come near and go
  attachLight(track, torch);
  attachZoom(track, zoom);
  await offerCameras(track);
}

/**
 * @param {MediaStreamTrack} track
 * @param {boolean} hasLight
 */
function attachLight(track, hasLight) {
  const light = element("torch", HTMLButtonElement);
  show("torch", hasLight);
  light.setAttribute("aria-pressed", "false");
  light.onclick = () => {
    const isOn = light.getAttribute("aria-pressed") !== "true";
    tell(track, { torch: isOn }).then(() => light.setAttribute("aria-pressed", String(isOn)), () => show("torch", false));
  };
}

/**
 * @param {MediaStreamTrack} track
 * @param {{min: number, max: number, step: number} | null} zoom
 */
function attachZoom(track, zoom) {
  const slider = element("zoom", HTMLInputElement);
  show("zoom-label", zoom !== null);
  if (zoom === null) return;
  Object.assign(slider, { min: zoom.min, max: zoom.max, step: zoom.step, value: track.getSettings().zoom ?? zoom.min });
  slider.oninput = () => tell(track, { zoom: Number(slider.value) }).catch(() => show("zoom-label", false));
}

/** @param {MediaStreamTrack} track */
async function offerCameras(track) {
  const cameras = await camerasOf();
  const present = track.getSettings().deviceId ?? "";
  const choice = element("camera", HTMLSelectElement);
  show("camera-label", cameras.length > 1);
  choice.replaceChildren(
    ...cameras.map(({ deviceId, label }, place) => new Option(label || `${place + 1}`, deviceId, false, deviceId === present)),
  );
  choice.oninput = () => remembered.set(choice.value);
}
