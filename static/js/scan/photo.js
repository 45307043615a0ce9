// The form for a photograph: shows what was chosen, takes a still of the camera, and draws what was found over the picture.

import { showCodes } from "./drawn.js";
import { element, show } from "./elements.js";

const PATIENCE_MS = 60_000; // large photographs over slow networks

/** @typedef {{form: HTMLFormElement, input: HTMLInputElement, preview: HTMLImageElement}} Parts */

/** @param {Parts} parts */
export function attachPhoto({ form, input, preview }) {
  showChosen(input, preview);
  form.addEventListener("submit", (event) => {
    const file = input.files?.[0];
    if (file === undefined) return; // the browser says that one is missing
    event.preventDefault();
    check(form, file, preview);
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLInputElement} input
 * @param {File} file
 */
export function send(form, input, file) {
  const files = new DataTransfer();
  files.items.add(file);
  input.files = files.files;
  input.dispatchEvent(new Event("change"));
  form.requestSubmit();
}

/**
 * @param {HTMLInputElement} input
 * @param {HTMLImageElement} preview
 */
function showChosen(input, preview) {
  let address = "";
  const renew = () => {
    URL.revokeObjectURL(address);
    const file = input.files?.[0];
    address = file === undefined ? "" : URL.createObjectURL(file);
    preview.hidden = true;
    show("found", false);
    if (file === undefined) preview.removeAttribute("src");
    else preview.src = address;
  };
  preview.addEventListener("load", () => {
    preview.hidden = false; // what the browser cannot show, such as HEIC, can be sent all the same
  });
  input.addEventListener("change", renew);
  renew();
}

/**
 * @param {HTMLFormElement} form
 * @param {File} file
 * @param {HTMLImageElement} preview
 */
async function check(form, file, preview) {
  const button = element("check-photo", HTMLButtonElement);
  button.disabled = true;
  show("photo-busy", true);
  show("photo-offline", false);
  try {
    const answer = await fetch(form.action, {
      method: "POST", body: new FormData(form), headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const found = answer.ok ? await answer.json() : { codes: [] };
    if (found.codes.length === 0) form.submit(); // the page says in words why nothing came of it
    else if (found.codes.length === 1 && found.codes[0].row.path) location.assign(found.codes[0].row.path);
    else showCodes(found, preview);
  } catch {
    show("photo-offline", true);
  } finally {
    button.disabled = false;
    show("photo-busy", false);
  }
}
