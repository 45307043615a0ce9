// What the device takes along for when there is no connection: kept up to date, shown, and the page as an app.

import { loadProvisions, pinAnew, refreshed } from "../offline/provisions.js";
import { fingerprint } from "../tag/trust.js";
import { element, show } from "./elements.js";
import { minuteOf } from "./verdicts.js";

/** @typedef {import("../offline/provisions.js").Provisions} Provisions */

const EVERY_MS = 5 * 60 * 1000; // as long as the server lets keys and recalls be kept

/**
 * @param {string} pageKey the root key that the page names
 * @returns {Promise<{provisions(): Provisions}>}
 */
export async function attachOffline(pageKey) {
  const working = register();
  attachInstall();
  let provisions = await loadProvisions(pageKey);
  const renew = async () => {
    if (navigator.onLine) provisions = await refreshed(provisions);
    await showState(provisions, await working);
  };
  element("root-take", HTMLButtonElement).addEventListener("click", async () => {
    await pinAnew(pageKey);
    provisions = await loadProvisions(pageKey);
    await renew();
  });
  await showState(provisions, false);
  const first = renew();
  setInterval(renew, EVERY_MS);
  addEventListener("online", renew);
  // The first time there is nothing to judge by until they are here.
  if (provisions.trust === null) await first;
  return { provisions: () => provisions };
}

/** @returns {Promise<boolean>} whether the page opens without a network from now on */
async function register() {
  try {
    await navigator.serviceWorker.register("/service-worker.js", { scope: "/", updateViaCache: "none" });
    await navigator.serviceWorker.ready;
    await navigator.storage?.persist?.();
    return true;
  } catch {
    return false; // pages without TLS have none
  }
}

/**
 * @param {Provisions} provisions
 * @param {boolean} opensOffline
 */
async function showState({ rootKey, rootChanged, trust, trustAt, recallsAt }, opensOffline) {
  const isReady = opensOffline && trust !== null && recallsAt !== null;
  show("offline-ready", isReady);
  show("offline-not", !isReady);
  for (const [id, time] of [["keys-at", trustAt], ["recalls-at", recallsAt]]) {
    element(id ?? "", HTMLElement).textContent = time ? minuteOf(time) : "–";
  }
  element("root-key", HTMLElement).textContent = (await fingerprint(rootKey).catch(() => "")).replace(/(.{4})(?=.)/g, "$1 ");
  show("root-changed", rootChanged);
}

/** Browsers that install apps say so by an event; the others have it in their menus. */
function attachInstall() {
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    show("install", true);
    element("install", HTMLButtonElement).onclick = async () => {
      show("install", false);
      await /** @type {any} */ (event).prompt();
    };
  });
  addEventListener("appinstalled", () => show("install", false));
}
