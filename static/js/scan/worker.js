// Reads codes beside the page, by ZXing in WebAssembly. Pictures in, codes out; an empty list first, once it is ready.

import { prepareZXingModule, readBarcodes } from "../../vendor/zxing-wasm/dist/es/reader/index.js";

const WASM = new URL("../../vendor/zxing-wasm/dist/reader/zxing_reader.wasm", import.meta.url).href;
const THOROUGH = Object.freeze({ formats: ["QRCode"], maxNumberOfSymbols: 200, tryHarder: true });
const QUICK = Object.freeze({ ...THOROUGH, tryInvert: false, tryDownscale: false });

/** @param {{pixels: ImageData, isThorough: boolean}} question */
async function read({ pixels, isThorough }) {
  const found = await readBarcodes(pixels, isThorough ? THOROUGH : QUICK);
  return found
    .filter(({ isValid }) => isValid)
    .map(({ text, position: { topLeft, topRight, bottomRight, bottomLeft } }) => ({
      text,
      corners: [topLeft, topRight, bottomRight, bottomLeft],
    }));
}

/** @param {Promise<unknown>} result */
function post(result) {
  result.then(
    (codes) => self.postMessage(codes),
    () => self.postMessage("failed"),
  );
}

self.onmessage = ({ data }) => post(read(data));

post(prepareZXingModule({ overrides: { locateFile: () => WASM }, fireImmediately: true }).then(() => []));
