// A verifier of tags and of proof files, written from docs/spec/tag-format.md and docs/spec/log.md alone; section
// numbers are those texts'.
// Node >= 18, standard library only.
//
//     node verify.mjs < requests.jsonl > answers.jsonl
//
// A request is one line of JSON: {"trust": text, "root_key": hex, "now": time, "text": what was read}, or
// {"leaf_hash", "index", "size", "proof", "root"} for an inclusion proof, or with "proof_file" in place of "text".
// An answer is {"outcome": ...} with the fields of a tag that is VALID, or with what a proof file shows.

import { createHash, createPublicKey, verify } from "node:crypto";
import { createInterface } from "node:readline";

const SET82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
const SMALL = "-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GENERATED = /^[0-9A-F][0-9A-HJKMNP-TV-Z]{12}$/;
const LABEL = "[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?";
const HOST = `((?:${LABEL}\\.)*${LABEL})(?::[1-9][0-9]{0,4})?`;
const VALUE = "((?:[A-Za-z0-9._-]|%[0-9A-F]{2})+)";
const LINK = new RegExp(`^/01/([0-9]{14})(?:/10/${VALUE})?/21/${VALUE}\\?(?:17=([0-9]{6})&)?s=([1-9][0-9]{156,157})$`);
const COMPACT = /^\/([1-9][0-9]{156,251})$/;

class Outcome extends Error {}

function demand(condition, outcome = "MALFORMED") {
  if (!condition) throw new Outcome(outcome);
}

// ---- 2. Fields

function checkDigit(body) {
  const sum = [...body].reverse().reduce((total, digit, place) => total + digit * (place % 2 ? 1 : 3), 0);
  return String((10 - (sum % 10)) % 10);
}

function isGtin(text) {
  return /^[0-9]{14}$/.test(text) && text[13] === checkDigit(text.slice(0, 13));
}

function isText(text, shortest) {
  return text.length >= shortest && text.length <= 20 && text !== "." && text !== ".." && [...text].every((c) => SET82.includes(c));
}

function isExpiry(text) {
  const [year, month, day] = [0, 2, 4].map((start) => Number(text.slice(start, start + 2)));
  const days = [31, year % 4 ? 28 : 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return month >= 1 && month <= 12 && day <= days[month - 1];
}

function checkFields(tag) {
  demand(isGtin(tag.gtin) && isText(tag.lot, 0) && isText(tag.serial, 1));
  demand(tag.expiry === null || isExpiry(tag.expiry));
  return tag;
}

// ---- 3. What is signed

function signedBytes({ slot, gtin, expiry, lot, serial }) {
  const ascii = (text) => Buffer.from(text, "latin1");
  const counted = (text) => [Buffer.from([text.length]), ascii(text)];
  const head = [ascii("origintag/tag/v1\n"), Buffer.from([slot]), ascii(gtin), ascii(expiry ?? "000000")];
  return Buffer.concat([...head, ...counted(lot), ...counted(serial)]);
}

const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

function verifySignature(publicKeyHex, signature, message) {
  const s = BigInt("0x" + Buffer.from(signature.subarray(32)).reverse().toString("hex"));
  const x = Buffer.from(publicKeyHex, "hex").toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  return s < GROUP_ORDER && verify(null, message, key, signature);
}

// ---- 4. The digital-link profile

function checkFormat(format) {
  demand(format !== 2n && format !== 3n, "CANNOT_CHECK");
  demand(format === 1n);
}

function bytesOf(number) {
  return Buffer.from(number.toString(16).padStart(128, "0"), "hex");
}

function unescape(value) {
  return value.replace(/%([0-9A-F]{2})/g, (escaped, hex) => {
    const character = String.fromCharCode(parseInt(hex, 16));
    demand(!/[A-Za-z0-9._-]/.test(character)); // a plain character must not be escaped
    return character;
  });
}

function parseLink([, gtin, lot, serial, expiry, digits]) {
  const number = BigInt(digits);
  checkFormat(number >> 520n);
  return checkFields({
    gtin,
    lot: unescape(lot ?? ""),
    serial: unescape(serial),
    expiry: expiry ?? null,
    slot: Number((number >> 512n) & 255n),
    signature: bytesOf(number & ((1n << 512n) - 1n)),
  });
}

// ---- 5. The compact profile

function countStrings(size) {
  let count = 0n;
  for (let length = 0n; length <= 20n; length++) count += BigInt(size) ** length;
  return count;
}

function stringOf(value, alphabet) {
  const size = BigInt(alphabet.length);
  let text = "";
  for (; value > 0n; value = (value - 1n) / size) text = alphabet[Number((value - 1n) % size)] + text;
  return text;
}

function base32Of(value) {
  let text = "";
  for (let shift = 60n; shift >= 0n; shift -= 5n) text += BASE32[Number((value >> shift) & 31n)];
  return text;
}

function expiryOf(value) {
  if (value === 0) return null;
  const months = Math.floor((value - 1) / 32);
  return [Math.floor(months / 12), (months % 12) + 1, (value - 1) % 32].map((part) => String(part).padStart(2, "0")).join("");
}

function parseCompact([, digits]) {
  let rest = BigInt(digits);
  const take = (radix) => {
    const part = rest % radix;
    rest /= radix;
    return part;
  };
  const signature = bytesOf(take(2n ** 512n));
  const slot = Number(take(256n));
  checkFormat(take(4n));
  const body = take(10n ** 13n).toString().padStart(13, "0");
  const expiry = expiryOf(Number(take(38401n)));
  const supplied = take(2n) === 1n;
  const serial = supplied ? stringOf(take(countStrings(82)), SET82) : base32Of(take(2n ** 64n));
  demand(!supplied || !GENERATED.test(serial));
  const alphabet = take(2n) === 1n ? SET82 : SMALL;
  demand(rest < countStrings(alphabet.length));
  const lot = stringOf(rest, alphabet);
  demand(alphabet === SMALL || ![...lot].every((c) => SMALL.includes(c)));
  return checkFields({ gtin: body + checkDigit(body), lot, serial, expiry, slot, signature });
}

// ---- 6. The batch's tree

const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts)).digest();
const leafHash = (leaf) => sha256(Buffer.from([0]), leaf);
const nodeHash = (left, right) => sha256(Buffer.from([1]), left, right);

function verifyInclusion({ leaf_hash, index, size, proof, root }) {
  let [fn, sn, r] = [index, size - 1, Buffer.from(leaf_hash, "hex")];
  if (!(index >= 0 && index < size)) return false;
  const half = () => ([fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]);
  for (const hex of proof) {
    const p = Buffer.from(hex, "hex");
    if (sn === 0 || p.length !== 32) return false;
    if (fn % 2 === 1 || fn === sn) {
      r = nodeHash(p, r);
      while (fn % 2 === 0 && fn !== 0) half();
    } else {
      r = nodeHash(r, p);
    }
    half();
  }
  return sn === 0 && r.toString("hex") === root;
}

// ---- 7. The trust bundle

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

// JSON.parse keeps the last of two members of one name and reads 3.0 as 3, so their number and form are looked at too.
function parseExactly(text) {
  const document = JSON.parse(text);
  const bare = text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  if (/[0-9][.eE]/.test(bare)) throw new Error("a fraction or an exponent");
  const count = (value) =>
    value === null || typeof value !== "object" ? 0
    : (Array.isArray(value) ? 0 : Object.keys(value).length) + Object.values(value).reduce((sum, item) => sum + count(item), 0);
  if (count(document) !== (bare.match(/:/g) ?? []).length) throw new Error("a member twice");
  return document;
}

const is = {
  members: (value, ...names) => canonical(Object.keys(value).sort()) === canonical(names.sort()),
  hex: (bytes) => (value) => typeof value === "string" && new RegExp(`^[0-9a-f]{${2 * bytes}}$`).test(value),
  whole: (low, high) => (value) => Number.isSafeInteger(value) && value >= low && value <= high,
  time: (value) =>
    typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) &&
    value >= "0001" && !Number.isNaN(Date.parse(value)) && new Date(value).toISOString() === value.replace("Z", ".000Z"),
  prefix: (value) => typeof value === "string" && /^[0-9]{4,12}$/.test(value),
  host: (value) => typeof value === "string" && new RegExp(`^${HOST}$`).test(value) && value.split(":")[0].length <= 253,
  list: (test) => (value) => Array.isArray(value) && value.every(test),
  key: (value) =>
    is.members(value, "slot", "public_key", "not_before", "not_after", "status", "revoked_at") &&
    is.whole(0, 255)(value.slot) && is.hex(32)(value.public_key) && is.time(value.not_before) && is.time(value.not_after) &&
    value.not_before < value.not_after && ["active", "retired", "revoked"].includes(value.status) &&
    (value.status === "revoked" ? is.time(value.revoked_at) : value.revoked_at === null),
  issuer: (value) =>
    is.members(value, "name", "gtins", "prefixes", "hosts", "keys") && typeof value.name === "string" &&
    is.list((gtin) => typeof gtin === "string" && isGtin(gtin))(value.gtins) && is.list(is.prefix)(value.prefixes) &&
    is.list(is.host)(value.hosts) && is.list(is.key)(value.keys) &&
    new Set(value.keys.map((key) => key.slot)).size === value.keys.length,
  signed: (value) =>
    is.members(value, "type", "spec", "version", "issued", "expires", "root_key", "issuers", ...(value.spec === 2 ? ["logs"] : [])) &&
    (value.spec === 1 || (value.spec === 2 && isLogs(value.logs))) && value.type === "origintag-trust" && is.whole(1, 2 ** 53 - 1)(value.version) &&
    is.time(value.issued) && is.time(value.expires) && value.issued < value.expires && is.hex(32)(value.root_key) &&
    is.list(is.issuer)(value.issuers) && !overlaps(value.issuers),
  document: (value) =>
    is.members(value, "signed", "signature") && is.signed(value.signed) &&
    is.members(value.signature, "ed25519", "key") && is.hex(64)(value.signature.ed25519),
};

const covers = (prefix, gtin) => !gtin.startsWith("000000") && gtin.startsWith(prefix, 1);

function overlaps(issuers) {
  const gtins = issuers.flatMap((issuer) => issuer.gtins);
  const prefixes = issuers.flatMap((issuer) => issuer.prefixes);
  const nested = prefixes.some((one, i) => prefixes.some((other, j) => i !== j && one.startsWith(other)));
  return nested || new Set(gtins).size !== gtins.length || gtins.some((gtin) => prefixes.some((prefix) => covers(prefix, gtin)));
}

function parseTrust(text, rootKey) {
  const document = parseExactly(text);
  const { signed, signature } = document;
  const name = sha256(Buffer.from(rootKey, "hex")).toString("hex").slice(0, 16);
  const message = Buffer.from("origintag/trust/v1\n" + canonical(signed ?? null));
  if (!is.document(document) || signed.root_key !== rootKey || signature.key !== name) throw new Error("not as specified");
  if (!verifySignature(rootKey, Buffer.from(signature.ed25519, "hex"), message)) throw new Error("not signed by the root");
  return signed;
}

// ---- 8. Verification

function read(text, issuers) {
  let url = text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
  const lower = new RegExp(`^https://(${HOST.replaceAll("A-Z", "a-z")})(?=/)`).exec(url);
  if (lower) url = "HTTPS://" + lower[1].toUpperCase() + url.slice(lower[0].length);
  const found = new RegExp(`^HTTPS://(${HOST})(/.*)$`, "s").exec(url);
  demand(found && url.length <= 600 && found[2].length <= 253, "FOREIGN_CODE");
  const [, host, , path] = found;
  demand(issuers.some((issuer) => issuer.hosts.includes(host)), "FOREIGN_CODE");
  const [link, compact] = [LINK.exec(path), COMPACT.exec(path)];
  demand(link || compact);
  return { host, tag: link ? parseLink(link) : parseCompact(compact) };
}

function ownerOf(gtin, issuers) {
  return issuers.find((issuer) => issuer.gtins.includes(gtin) || issuer.prefixes.some((prefix) => covers(prefix, gtin)));
}

function verifyTag({ text, now }, { issuers }) {
  const { host, tag } = read(text, issuers);
  const owner = ownerOf(tag.gtin, issuers);
  demand(!owner || owner.hosts.includes(host), "FOREIGN_CODE");
  const key = owner?.keys.find((candidate) => candidate.slot === tag.slot);
  demand(key && now >= key.not_before, "KEY_UNKNOWN");
  const signed = signedBytes(tag);
  demand(verifySignature(key.public_key, tag.signature, signed), "SIGNATURE_INVALID");
  demand(key.status !== "revoked", "KEY_REVOKED");
  const leaf = Buffer.concat([signed, tag.signature]);
  return { ...tag, signature: tag.signature.toString("hex"), signing_bytes: signed.toString("hex"), leaf_hash: leafHash(leaf).toString("hex") };
}

// ---- log.md, 1. Terms

function parseCanonical(text, maxBytes) {
  if (Buffer.byteLength(text) > maxBytes) throw new Error("too large");
  const value = parseExactly(text);
  const check = (item) => {
    if (typeof item === "number" && !Number.isSafeInteger(item)) throw new Error("beyond 2^53 - 1");
    if (typeof item === "string" && !isWellFormed(item)) throw new Error("half a surrogate pair");
    if (item !== null && typeof item === "object") Object.values(item).forEach(check);
  };
  check(value);
  if (canonical(value) !== text) throw new Error("not canonical");
  return value;
}

function base64(text) {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) throw new Error("not base 64");
  return bytes;
}

function hash64(text) {
  const bytes = base64(text);
  if (bytes.length !== 32) throw new Error("not a hash");
  return bytes;
}

function isBase64(value) {
  return typeof value === "string" && Buffer.from(value, "base64").toString("base64") === value;
}

const isWellFormed = (text) => !/\p{Surrogate}/u.test(text);
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const requireThat = (condition, what) => { if (!condition) throw new Error(what); };

// A proof that `size` is a prefix of another tree: RFC 9162, 2.1.4.2.
function isConsistent(first, firstRoot, second, secondRoot, path) {
  if (first === second) return path.length === 0 && firstRoot.equals(secondRoot);
  if (path.length === 0) return false;
  const hashes = Number.isInteger(Math.log2(first)) ? [firstRoot, ...path] : path;
  let [fn, sn] = [BigInt(first) - 1n, BigInt(second) - 1n];
  while (fn & 1n) [fn, sn] = [fn >> 1n, sn >> 1n];
  let [fr, sr] = [hashes[0], hashes[0]];
  for (const c of hashes.slice(1)) {
    if (sn === 0n) return false;
    if (fn & 1n || fn === sn) {
      [fr, sr] = [nodeHash(c, fr), nodeHash(c, sr)];
      while (!(fn & 1n) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      sr = nodeHash(sr, c);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return sn === 0n && fr.equals(firstRoot) && sr.equals(secondRoot);
}

// ---- log.md, 3. Entries

function parseBatchEntry(bytes) {
  const entry = parseCanonical(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes), 65535);
  requireThat(isObject(entry) && is.members(entry, "entry", "version", "manifest", "signature"), "members");
  requireThat(entry.entry === "batch" && entry.version === 1 && is.hex(64)(entry.signature), "not a batch");
  const m = entry.manifest;
  requireThat(isObject(m) && is.members(m, "type", "batch", "gtin", "lot", "expiry", "count", "slot", "root", "issued"), "manifest");
  requireThat(m.type === "origintag-batch" && is.whole(1, 2 ** 32 - 1)(m.batch) && is.whole(1, 2 ** 32)(m.count), "numbers");
  requireThat(typeof m.gtin === "string" && isGtin(m.gtin) && typeof m.lot === "string" && isText(m.lot, 0), "product");
  requireThat(m.expiry === null || (typeof m.expiry === "string" && /^[0-9]{6}$/.test(m.expiry) && isExpiry(m.expiry)), "expiry");
  requireThat(is.whole(0, 255)(m.slot) && is.hex(32)(m.root) && is.time(m.issued), "slot, root or time");
  return entry;
}

// ---- log.md, 5. Checkpoints and witnesses

const isKeyName = (name) => name !== "" && isWellFormed(name) && !/[\s\u0085+\u0000-\u001f]/u.test(name.replace(/\ufeff/g, ""));

function parseNote(text) {
  requireThat(Buffer.byteLength(text) <= 1_000_000 && isWellFormed(text) && !/[\u0000-\u0009\u000b-\u001f]/.test(text), "note");
  const cut = text.lastIndexOf("\n\n");
  requireThat(cut >= 0 && text.endsWith("\n") && cut + 2 < text.length, "no signatures");
  const lines = text.slice(cut + 2, -1).split("\n").map((line) => {
    const found = /^— ([^ ]*) (.*)$/u.exec(line);
    requireThat(found && isKeyName(found[1]), "signature line");
    const bytes = base64(found[2]);
    requireThat(bytes.length > 4, "no signature");
    return { name: found[1], id: bytes.subarray(0, 4).toString("hex"), bytes: bytes.subarray(4) };
  });
  requireThat(lines.length <= 100, "too many signatures");
  return { text: text.slice(0, cut + 1), lines };
}

function parseCheckpoint(text) {
  const lines = text.slice(0, -1).split("\n");
  requireThat(text.endsWith("\n") && lines.length >= 3 && lines.every((line) => line !== ""), "lines");
  requireThat(/^(0|[1-9][0-9]{0,18})$/.test(lines[1]) && BigInt(lines[1]) < 2n ** 63n, "size");
  return { origin: lines[0], size: Number(lines[1]), root: hash64(lines[2]) };
}

function parseKey(text, type) {
  const found = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/s.exec(text);
  requireThat(found && isKeyName(found[1]), "key name");
  const bytes = base64(found[3]);
  requireThat(bytes.length === 33 && bytes[0] === type, "key type");
  requireThat(sha256(Buffer.from(found[1] + "\n"), bytes).toString("hex").slice(0, 8) === found[2], "key id");
  return { name: found[1], id: found[2], key: bytes.subarray(1).toString("hex") };
}

const linesOf = (note, key) => note.lines.filter((line) => line.name === key.name && line.id === key.id);

function isSignedBy(note, key) {
  const lines = linesOf(note, key);
  return lines.length > 0 && lines.every((line) => line.bytes.length === 64 && verifySignature(key.key, line.bytes, Buffer.from(note.text)));
}

// Whether the witness cosigned; throws when a line that claims so is wrong.
function isCosignedBy(note, key) {
  const lines = linesOf(note, key);
  for (const { bytes } of lines) {
    requireThat(bytes.length === 72, "length of a cosignature");
    const time = bytes.readBigUInt64BE(0);
    requireThat(time <= 253402300799n, "beyond the year 9999");
    const message = Buffer.from(`cosignature/v1\ntime ${time}\n${note.text}`);
    requireThat(verifySignature(key.key, bytes.subarray(8), message), "cosignature");
  }
  return lines.length > 0;
}

// ---- log.md, 6. What verifiers pin

function isLogs(logs) {
  requireThat(Array.isArray(logs) && logs.length >= 1 && logs.length <= 32 && logs.every(isLog), "logs");
  return new Set(logs.map((log) => log.origin)).size === logs.length;
}

function isLog(log) {
  if (!isObject(log) || !is.members(log, "origin", "keys", "witnesses", "anchors")) return false;
  const { keys, witnesses, anchors } = log;
  if (!isObject(witnesses) || !is.members(witnesses, "threshold", "keys")) return false;
  if (!isObject(anchors) || !is.members(anchors, "threshold", "chains", "authorities", "journal")) return false;
  const distinct = (items) => new Set(items).size === items.length;
  const keyList = (list, type) => is.list((key) => typeof key === "string")(list) && list.length <= 32 && list.map((key) => parseKey(key, type));
  const [own, others] = [keyList(keys, 1), keyList(witnesses.keys, 4)];
  const chain = (c) =>
    isObject(c) && is.members(c, "backend", "network", "genesis") && ["vechain", "evm"].includes(c.backend) &&
    typeof c.network === "string" && is.hex(32)(c.genesis);
  const threshold = (value, number) => is.whole(number ? 1 : 0, number)(value);
  return Boolean(
    own && own.length >= 1 && distinct(keys) && own.every((key) => key.name === log.origin) &&
    others && distinct(others.map((key) => key.key)) && threshold(witnesses.threshold, others.length) &&
    is.list(chain)(anchors.chains) && anchors.chains.length <= 32 && distinct(anchors.chains.map((c) => `${c.backend} ${c.network}`)) &&
    is.list(isBase64)(anchors.authorities) && anchors.authorities.length <= 32 && distinct(anchors.authorities) &&
    threshold(anchors.threshold, anchors.chains.length + anchors.authorities.length) &&
    (anchors.journal === null || is.hex(32)(anchors.journal)),
  );
}

// ---- log.md, 7. Commitments and receipts

function commitment(origin, size, root) {
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(BigInt(size));
  return Buffer.concat([Buffer.from("origintag/anchor\u0001"), sha256(Buffer.from(origin)), number, root]);
}

function isReceipt(receipt) {
  requireThat(isObject(receipt), "receipt");
  if (receipt.backend === "rfc3161") return is.members(receipt, "backend", "token") && isBase64(receipt.token);
  if (receipt.backend === "journal") return is.members(receipt, "backend", "line") && typeof receipt.line === "string";
  return (
    ["vechain", "evm"].includes(receipt.backend) &&
    is.members(receipt, "backend", "network", "genesis", "transaction", "to", "number", "block", "time", "state") &&
    typeof receipt.network === "string" && [receipt.genesis, receipt.transaction, receipt.block].every(is.hex(32)) &&
    is.hex(20)(receipt.to) && is.whole(0, 2 ** 53 - 1)(receipt.number) && is.time(receipt.time) &&
    ["included", "finalized"].includes(receipt.state)
  );
}

function verifyLine(text, expected) {
  const line = parseCanonical(text, 2048);
  requireThat(isObject(line) && is.members(line, "type", "version", "number", "previous", "at", "commitment", "key", "signature"), "line");
  requireThat(line.type === "origintag-journal" && line.version === 1 && is.whole(1, 2 ** 53 - 1)(line.number), "line's type");
  requireThat(is.hex(32)(line.previous) && is.time(line.at) && is.hex(32)(line.key), "line's values");
  const { signature, ...unsigned } = line;
  const message = Buffer.from("origintag/journal/v1\n" + canonical(unsigned));
  const bytes = base64(signature);
  requireThat(bytes.length === 64 && verifySignature(line.key, bytes, message), "line's signature");
  requireThat(base64(line.commitment).equals(expected), "another checkpoint");
  return line.key;
}

// What a receipt is worth without a node; throws when it is wrong.
function standing(receipt, expected, policy) {
  if (receipt.backend === "journal") {
    const key = verifyLine(receipt.line, expected);
    if (policy.journal === null) return "UNPINNED";
    requireThat(key === policy.journal, "another journal's key");
    return "SELF_ATTESTED";
  }
  if (receipt.backend === "rfc3161") return "CLAIMED";
  const pinned = policy.chains.find((chain) => chain.backend === receipt.backend && chain.network === receipt.network);
  if (!pinned) return "UNPINNED";
  requireThat(pinned.genesis === receipt.genesis, "another network");
  return "CLAIMED";
}

// ---- log.md, 8. The proof file

function at(step, action) {
  try {
    return action();
  } catch {
    throw new Outcome(step);
  }
}

function parseProof(text) {
  const file = parseCanonical(text.replace(/\n$/, ""), 262144);
  requireThat(isObject(file) && is.members(file, "type", "version", "tag", "index", "path", "entry", "log_proof", "anchors", "digest"), "members");
  requireThat(file.type === "origintag-proof" && file.version === 1 && is.hex(32)(file.digest), "type");
  requireThat(typeof file.tag === "string" && typeof file.log_proof === "string" && is.whole(0, 2 ** 32 - 1)(file.index), "values");
  requireThat(Array.isArray(file.path) && file.path.length <= 32 && Array.isArray(file.anchors) && file.anchors.length <= 32, "lists");
  file.path.forEach(hash64);
  for (const anchor of file.anchors) {
    requireThat(isObject(anchor) && is.members(anchor, "size", "root", "consistency", "receipt"), "anchor");
    requireThat(is.whole(1, 2 ** 53 - 1)(anchor.size) && isReceipt(anchor.receipt), "receipt");
    requireThat(Array.isArray(anchor.consistency) && anchor.consistency.length <= 128, "consistency");
    [anchor.root, ...anchor.consistency].forEach(hash64);
  }
  return file;
}

function parseLogProof(text) {
  requireThat(Buffer.byteLength(text) <= 65536 && text.includes("\n\n"), "log proof");
  const cut = text.indexOf("\n\n");
  const [header, index, ...path] = text.slice(0, cut).split("\n");
  const found = /^index (0|[1-9][0-9]{0,18})$/.exec(index ?? "");
  requireThat(header === "c2sp.org/tlog-proof@v1" && found && path.length <= 63, "log proof's lines");
  return { index: Number(found[1]), path: path.map((line) => hash64(line).toString("hex")), note: parseNote(text.slice(cut + 2)) };
}

function verifyProof({ proof_file: text, now }, trust) {
  const { file, entry, log, checkpoint } = at("FORMAT", () => {
    const file = parseProof(text);
    const log = parseLogProof(file.log_proof);
    requireThat(file.tag.startsWith("HTTPS://") && file.tag.trim() === file.tag, "the tag needs repair");
    const { host, tag } = read(file.tag, trust.issuers);
    const owner = ownerOf(tag.gtin, trust.issuers);
    requireThat(!owner || owner.hosts.includes(host), "another issuer's host");
    return { file, entry: parseBatchEntry(base64(file.entry)), log, checkpoint: parseCheckpoint(log.note.text) };
  });
  const tag = at("TAG_SIGNATURE", () => verifyTag({ text: file.tag, now }, trust));
  const { manifest } = entry;
  at("BATCH_INCLUSION", () => {
    requireThat(["gtin", "lot", "expiry", "slot"].every((name) => manifest[name] === tag[name]), "another batch");
    const proof = file.path.map((node) => base64(node).toString("hex"));
    requireThat(verifyInclusion({ leaf_hash: tag.leaf_hash, index: file.index, size: manifest.count, proof, root: manifest.root }), "path");
  });
  const issuer = ownerOf(tag.gtin, trust.issuers);
  at("MANIFEST_SIGNATURE", () => {
    const key = issuer.keys.find((candidate) => candidate.slot === manifest.slot);
    requireThat(manifest.issued >= key.not_before && manifest.issued < key.not_after, "outside the key's window");
    const message = Buffer.from("origintag/batch/v1\n" + canonical(manifest));
    requireThat(verifySignature(key.public_key, Buffer.from(entry.signature, "hex"), message), "signature");
  });
  at("LOG_INCLUSION", () => {
    const leaf_hash = leafHash(base64(file.entry)).toString("hex");
    const root = checkpoint.root.toString("hex");
    requireThat(verifyInclusion({ leaf_hash, index: log.index, size: checkpoint.size, proof: log.path, root }), "path");
  });
  const pinned = at("CHECKPOINT_SIGNATURE", () => {
    const found = (trust.logs ?? []).find((one) => one.origin === checkpoint.origin);
    requireThat(found.keys.some((key) => isSignedBy(log.note, parseKey(key, 1))), "not signed by the log");
    return found;
  });
  const witnesses = at("WITNESSES", () => {
    const found = pinned.witnesses.keys.map((key) => parseKey(key, 4)).filter((key) => isCosignedBy(log.note, key));
    requireThat(found.length >= pinned.witnesses.threshold, "too few");
    return found.map((key) => key.name);
  });
  const anchors = at("ANCHORS", () => file.anchors.map((anchor) => {
    requireThat(anchor.size > log.index, "before the entry");
    const [root, path] = [base64(anchor.root), anchor.consistency.map(base64)];
    const trees = [[anchor.size, root], [checkpoint.size, checkpoint.root]].sort(([one], [other]) => one - other);
    requireThat(isConsistent(...trees[0], ...trees[1], path), "another log");
    return standing(anchor.receipt, commitment(checkpoint.origin, anchor.size, root), pinned.anchors);
  }));
  at("DIGEST", () => {
    const { digest, ...rest } = file;
    requireThat(sha256(Buffer.from(canonical(rest))).toString("hex") === digest, "damaged");
  });
  const anchoring = anchors.includes("CLAIMED") ? "CLAIMED" : "PENDING";
  return {
    serial: tag.serial, issuer: issuer.name, batch: manifest.batch, log_index: log.index, size: checkpoint.size,
    witnesses, anchors, anchoring,
  };
}

function answer(request) {
  if ("proof" in request) return { outcome: verifyInclusion(request) ? "VALID" : "PROOF_INVALID" };
  let trust;
  try {
    trust = parseTrust(request.trust, request.root_key);
  } catch {
    return { outcome: "TRUST_INVALID" };
  }
  try {
    return { outcome: "VALID", ...("proof_file" in request ? verifyProof : verifyTag)(request, trust) };
  } catch (error) {
    if (error instanceof Outcome) return { outcome: error.message };
    throw error;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + "\n");
}
