// The camera page without a network. SHELL stands in front of this: the release, and the addresses of its files.
//
// Kept are the page itself and the files that it loads, nothing else: no verdict page ever, for a verdict is true when it is
// given. Where a tag's own page cannot be reached, the camera page stands in for it and says what the device alone can tell.

const CACHE = `origintag-shell-${SHELL.release}`;
const PAGE = "/scan";
const TAG = /^\/(?:01\/|[1-9][0-9]{150,259}$)/;
const PATIENCE_MS = 10_000; // a network that answers no sooner is none

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (pathname === PAGE) event.respondWith(page(request));
    else if (TAG.test(pathname)) event.respondWith(tag(request));
  } else if (SHELL.files.includes(pathname)) {
    event.respondWith(file(request));
  }
});

async function install() {
  const cache = await caches.open(CACHE);
  await cache.addAll([...SHELL.files, new Request(PAGE, { cache: "no-store" })]);
  await self.skipWaiting();
}

async function activate() {
  for (const name of await caches.keys()) if (name !== CACHE && name.startsWith("origintag-shell-")) await caches.delete(name);
  await self.clients.claim();
}

/**
 * The newest page that can be had; the kept one is renewed with it while it belongs to this release.
 * @param {Request} request
 */
async function page(request) {
  try {
    const answer = await timed(request);
    if (answer.status === 200) await renew(answer.clone());
    return answer;
  } catch {
    return kept();
  }
}

/** @param {Response} answer */
async function renew(answer) {
  const text = await answer.clone().text();
  if (text.includes(`/static/${SHELL.release}/`)) await (await caches.open(CACHE)).put(PAGE, answer);
}

/** @param {Request} request */
async function tag(request) {
  try {
    return await timed(request);
  } catch {
    return kept();
  }
}

/** @param {Request} request */
async function file(request) {
  return (await caches.match(request, { cacheName: CACHE, ignoreVary: true })) ?? fetch(request);
}

async function kept() {
  return (await caches.match(PAGE, { cacheName: CACHE, ignoreVary: true })) ?? Response.error();
}

/** @param {Request} request */
function timed(request) {
  return Promise.race([
    fetch(request),
    new Promise((_, fail) => setTimeout(() => fail(new Error("no answer")), PATIENCE_MS)),
  ]);
}
