// Who reads codes: the browser itself where it can, else WebAssembly in a worker.

/** @typedef {import("./geometry.js").Point} Point */
/** @typedef {{text: string, corners: Point[]}} Code corners: four, in pixels of the picture that was read */
/** @typedef {{read(pixels: ImageData, isThorough: boolean): Promise<Code[]>, close(): void}} Decoder thorough: slower, finds more */

const PATIENCE_MS = 20_000; // the decoder has 400 kB, and some networks are slow

/**
 * @param {boolean} hasWorker whether this site brings the WebAssembly decoder
 * @returns {Promise<Decoder>} rejected where there is neither
 */
export async function openDecoder(hasWorker) {
  if (await canDetect()) return ofBrowser();
  if (!hasWorker) throw new Error("no decoder");
  return ofWorker();
}

/** Some browsers have the class and can read nothing, or fail when asked. */
async function canDetect() {
  try {
    return (await globalThis.BarcodeDetector?.getSupportedFormats())?.includes("qr_code") ?? false;
  } catch {
    return false;
  }
}

/** @returns {Decoder} */
function ofBrowser() {
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  return {
    async read(pixels) {
      const found = await detector.detect(pixels);
      return found.map(({ rawValue, cornerPoints }) => ({ text: rawValue, corners: [...cornerPoints] }));
    },
    close() {},
  };
}

/** @returns {Promise<Decoder>} */
async function ofWorker() {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  try {
    await answer(worker);
  } catch (error) {
    worker.terminate();
    throw error;
  }
  return {
    read(pixels, isThorough) {
      const answered = answer(worker);
      worker.postMessage({ pixels, isThorough }, [pixels.data.buffer]);
      return answered;
    },
    close() {
      worker.terminate();
    },
  };
}

/**
 * The worker's next message; one question at a time.
 * @param {Worker} worker
 * @returns {Promise<Code[]>}
 */
function answer(worker) {
  return new Promise((done, fail) => {
    const late = setTimeout(() => fail(new Error("the decoder does not answer")), PATIENCE_MS);
    worker.onmessage = ({ data }) => {
      clearTimeout(late);
      if (Array.isArray(data)) done(data);
      else fail(new Error("the decoder failed"));
    };
    worker.onerror = () => {
      clearTimeout(late);
      fail(new Error("the decoder did not start"));
    };
  });
}
