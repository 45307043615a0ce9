// The camera page: opens the camera on demand, reads what it sees, and goes to the page of a tag of ours.

import { CameraError, closeCamera, openCamera } from "./camera.js";
import { attachControls } from "./controls.js";
import { openDecoder } from "./decoder.js";
import { element, show } from "./elements.js";
import { showForeign } from "./foreign.js";
import { takeStill } from "./frame.js";
import { draw } from "./overlay.js";
import { send, showChosen } from "./photo.js";
import { speaker } from "./says.js";
import { readText } from "./tag.js";
import { watch } from "./watch.js";

/** @typedef {import("./watch.js").Look} Look */

const DARK = 40; // of 255
const SLOW_MS = 8000;
const PROBLEMS = Object.freeze(["denied", "missing", "busy", "unable"]);

const section = element("scan", HTMLElement);
const video = element("video", HTMLVideoElement);
const overlay = element("overlay", SVGSVGElement);
const input = element("image", HTMLInputElement);
const say = speaker(element("status", HTMLElement), element("says", HTMLElement));
const hosts = new Set([...(section.dataset.hosts ?? "").split(" "), location.host.toUpperCase()]);

let stop = new AbortController();
let openedAt = 0;

async function open() {
  close();
  const { signal } = (stop = new AbortController());
  say("starting");
  showProblem("");
  try {
    const decoding = openDecoder(section.dataset.decoder === "yes"); // fetched while people answer their browser
    decoding.then(
      (decoder) => (signal.aborted ? decoder.close() : signal.addEventListener("abort", decoder.close)),
      () => {}, // told where it is awaited
    );
    attachControls(await openCamera(video, signal));
    toggleFinder(true);
    const decoder = await decoding;
    say("looking");
    openedAt = performance.now();
    await watch(video, decoder, signal, see);
  } catch (error) {
    if (signal.aborted) return;
    close();
    showProblem(error instanceof CameraError ? error.trouble : "unable");
  }
}

function close() {
  stop.abort();
  closeCamera(video);
  toggleFinder(false);
  draw(overlay, video, []);
  say("");
}

/** @param {Look} look */
function see({ codes, brightness }) {
  const read = codes.map(({ text, corners }) => ({ ...readText(text, hosts), corners }));
  draw(overlay, video, read);
  const paths = new Set(read.flatMap((code) => (code.kind === "ours" ? [code.path] : [])));
  const foreign = read.find((code) => code.kind === "foreign");
  if (paths.size === 1) return go([...paths][0]);
  if (paths.size > 1) {
    offerStill("several");
  } else if (foreign?.kind === "foreign") {
    say("foreign");
    showForeign(foreign);
  } else if (performance.now() - openedAt > SLOW_MS) {
    offerStill("slow");
  } else {
    say(brightness < DARK ? "dark" : "looking");
  }
}

/** @param {string} path of a tag: it begins with "/01/" or with a slash and digits, and so stays on this origin */
function go(path) {
  stop.abort();
  say("found");
  location.assign(path);
}

/** @param {"several" | "slow"} reason */
function offerStill(reason) {
  say(reason);
  show("still-offer", true);
}

async function sendStill() {
  stop.abort();
  say("sending");
  const still = await takeStill(video);
  closeCamera(video);
  send(element("photo-form", HTMLFormElement), input, still);
}

/** @param {boolean} isOpen */
function toggleFinder(isOpen) {
  show("finder", isOpen);
  show("opener", !isOpen);
  show("intro", !isOpen);
  show("still-offer", false);
  show("foreign", false);
}

/** @param {string} name "" for none */
function showProblem(name) {
  for (const problem of PROBLEMS) show(`problem-${problem}`, problem === name);
}

function start() {
  show("opener", true);
  showChosen(input, element("preview", HTMLImageElement));
  element("open", HTMLButtonElement).addEventListener("click", open);
  element("still", HTMLButtonElement).addEventListener("click", sendStill);
  element("close", HTMLButtonElement).addEventListener("click", () => {
    close();
    element("open", HTMLButtonElement).focus();
  });
  // Nobody looks: the camera's light goes out. Coming back, by the browser's "back" too, starts afresh.
  addEventListener("pagehide", close);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) close();
  });
}

start();
