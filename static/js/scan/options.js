// One label or many, sound and vibration: chosen on the page, remembered.

import { element, show } from "./elements.js";
import { setting } from "./settings.js";
import { allowSound, sound, signal, vibration } from "./signals.js";

const mode = setting("mode");

/** @returns {boolean} whether labels are gathered in a list */
export function isMany() {
  return element("mode-many", HTMLInputElement).checked;
}

/** @param {() => void} changed */
export function attachOptions(changed) {
  show("options", true);
  element("mode-many", HTMLInputElement).checked = mode.get() === "many";
  element("mode-one", HTMLInputElement).checked = mode.get() !== "many";
  element("mode", HTMLFieldSetElement).addEventListener("change", () => {
    mode.set(isMany() ? "many" : "one");
    changed();
  });
  attach("sound", sound, globalThis.AudioContext !== undefined);
  attach("vibration", vibration, navigator.vibrate !== undefined);
  addEventListener("pointerdown", () => sound.get() === "on" && allowSound(), { once: true });
}

/**
 * @param {string} id
 * @param {ReturnType<typeof setting>} kept
 * @param {boolean} isThere
 */
function attach(id, kept, isThere) {
  const box = element(id, HTMLInputElement);
  show(`${id}-label`, isThere);
  box.checked = kept.get() === "on";
  box.addEventListener("change", () => {
    kept.set(box.checked ? "on" : "");
    if (box.checked && id === "sound") allowSound();
    signal("good"); // so that it is known what it is like
  });
}
