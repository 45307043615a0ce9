// This device's own shelf: what it keeps for when there is no connection, and the scans of its list.

const NAME = "origintag";
const VERSION = 1;
const KEPT = "kept";
const SCANS = "scans";

/** @type {Promise<IDBDatabase> | undefined} */
let opened;

/** @returns {Promise<IDBDatabase>} rejected where the browser keeps nothing, as in some private windows */
function open() {
  opened ??= new Promise((done, fail) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(KEPT);
      request.result.createObjectStore(SCANS, { keyPath: "id" });
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      done(request.result);
    };
    request.onerror = request.onblocked = () => fail(request.error ?? new Error("the shelf is locked"));
  });
  opened.catch(() => (opened = undefined));
  return opened;
}

/**
 * @template T
 * @param {string} store
 * @param {(store: IDBObjectStore) => IDBRequest<T>} ask
 * @returns {Promise<T>}
 */
async function read(store, ask) {
  const request = ask((await open()).transaction(store).objectStore(store));
  return new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
}

/**
 * @param {string} store
 * @param {(store: IDBObjectStore) => void} change
 * @returns {Promise<void>} resolved when it is on the disk, not before
 */
async function write(store, change) {
  const transaction = (await open()).transaction(store, "readwrite", { durability: "strict" });
  change(transaction.objectStore(store));
  return new Promise((done, fail) => {
    transaction.oncomplete = () => done();
    transaction.onabort = () => fail(transaction.error);
  });
}

/** @param {string} key */
export const kept = (key) => read(KEPT, (store) => store.get(key));

/** @param {Record<string, unknown>} values all of them, or none */
export const keep = (values) =>
  write(KEPT, (store) => {
    for (const [key, value] of Object.entries(values)) store.put(value, key);
  });

/** @returns {Promise<any[]>} */
export const allScans = () => read(SCANS, (store) => store.getAll());

/** @param {{id: string}[]} scans */
export const storeScans = (scans) =>
  write(SCANS, (store) => {
    for (const scan of scans) store.put(scan);
  });

/** @param {string[]} ids */
export const dropScans = (ids) =>
  write(SCANS, (store) => {
    for (const id of ids) store.delete(id);
  });
