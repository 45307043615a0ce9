// The form for a photograph: shows what was chosen, and takes a still of the camera.

/**
 * @param {HTMLInputElement} input
 * @param {HTMLImageElement} preview
 */
export function showChosen(input, preview) {
  let address = "";
  const show = () => {
    URL.revokeObjectURL(address);
    const file = input.files?.[0];
    address = file === undefined ? "" : URL.createObjectURL(file);
    preview.hidden = true;
    if (file === undefined) preview.removeAttribute("src");
    else preview.src = address;
  };
  preview.addEventListener("load", () => {
    preview.hidden = false; // what the browser cannot show, such as HEIC, can be sent all the same
  });
  input.addEventListener("change", show);
  show();
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
  form.requestSubmit();
}
