// Light and zoom, for cameras that have them.

import { controlsOf, tell } from "./camera.js";
import { element, show } from "./elements.js";

/** @param {MediaStreamTrack} track */
export function attachControls(track) {
  const { torch, zoom } = controlsOf(track);
  const light = element("torch", HTMLButtonElement);
  const slider = element("zoom", HTMLInputElement);
  show("torch", torch);
  show("zoom-label", zoom !== null);
  light.setAttribute("aria-pressed", "false");
  light.onclick = () => {
    const isOn = light.getAttribute("aria-pressed") !== "true";
    tell(track, { torch: isOn }).then(() => light.setAttribute("aria-pressed", String(isOn)), () => show("torch", false));
  };
  if (zoom === null) return;
  Object.assign(slider, { min: zoom.min, max: zoom.max, step: zoom.step, value: zoom.min });
  slider.oninput = () => tell(track, { zoom: Number(slider.value) }).catch(() => show("zoom-label", false));
}
