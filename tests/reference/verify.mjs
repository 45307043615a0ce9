// A verifier of tags written from docs/spec/tag-format.md alone; section numbers are that text's.
// Node >= 18, standard library only.
//
//     node verify.mjs < requests.jsonl > answers.jsonl
//
// A request is one line of JSON: {"trust": text, "root_key": hex, "now": time, "text": what was read}, or
// {"leaf_hash", "index", "size", "proof", "root"} for an inclusion proof. An answer is {"outcome": ...} with
// the fields of a tag that is VALID.

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
    is.members(value, "type", "spec", "version", "issued", "expires", "root_key", "issuers") &&
    value.type === "origintag-trust" && value.spec === 1 && is.whole(1, 2 ** 53 - 1)(value.version) &&
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
  return signed.issuers;
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

function verifyTag({ text, now }, issuers) {
  const { host, tag } = read(text, issuers);
  const owner = issuers.find(
    (issuer) => issuer.gtins.includes(tag.gtin) || issuer.prefixes.some((prefix) => covers(prefix, tag.gtin)),
  );
  demand(!owner || owner.hosts.includes(host), "FOREIGN_CODE");
  const key = owner?.keys.find((candidate) => candidate.slot === tag.slot);
  demand(key && now >= key.not_before, "KEY_UNKNOWN");
  const signed = signedBytes(tag);
  demand(verifySignature(key.public_key, tag.signature, signed), "SIGNATURE_INVALID");
  demand(key.status !== "revoked", "KEY_REVOKED");
  const leaf = Buffer.concat([signed, tag.signature]);
  return { ...tag, signature: tag.signature.toString("hex"), signing_bytes: signed.toString("hex"), leaf_hash: leafHash(leaf).toString("hex") };
}

function answer(request) {
  if ("proof" in request) return { outcome: verifyInclusion(request) ? "VALID" : "PROOF_INVALID" };
  let issuers;
  try {
    issuers = parseTrust(request.trust, request.root_key);
  } catch {
    return { outcome: "TRUST_INVALID" };
  }
  try {
    return { outcome: "VALID", ...verifyTag(request, issuers) };
  } catch (error) {
    if (error instanceof Outcome) return { outcome: error.message };
    throw error;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + "\n");
}
