// What a code's text is: a tag of ours, or something else: docs/spec/tag-format.md, section 8, steps 1 to 3.

import { attempt } from "../tag/judge.js";
import { parseCompact } from "../tag/compact.js";
import { parseLink } from "../tag/link.js";

/**
 * @typedef {import("../tag/fields.js").Tag} Tag
 * @typedef {{kind: "ours", path: string, host: string, tag: Tag}} Ours the tag's path and query, to be asked of this origin
 * @typedef {{kind: "odd", path: string, host: string, outcome: "MALFORMED" | "CANNOT_CHECK"}} Odd the host is ours, the rest is no
 *   tag, and then there is no path to follow; or one of a later format
 * @typedef {{kind: "foreign", host: string, text: string}} Foreign `host` is where it would lead, "" for no address
 * @typedef {Ours | Odd | Foreign} Reading
 */

const LABEL = "[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?";
const NAME = `((?:${LABEL}\\.)*${LABEL})`;
const HOST = `(${NAME}(?::[1-9][0-9]{0,4})?)`;
const PRINTED = new RegExp(`^HTTPS://${HOST}(/[^]*)$`);
const AS_BROWSERS_WRITE_IT = new RegExp(`^https://${HOST.replaceAll("A-Z", "a-z")}(/[^]*)$`);
const LONGEST_TEXT = 600;
const LONGEST_NAME = 253;

/**
 * @param {string} text what was read
 * @param {ReadonlySet<string>} hosts whose tags are ours, in upper case
 * @returns {Reading}
 */
export function readText(text, hosts) {
  const plain = text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
  const found = plain.length <= LONGEST_TEXT ? (PRINTED.exec(plain) ?? AS_BROWSERS_WRITE_IT.exec(plain)) : null;
  if (found === null || found[2].length > LONGEST_NAME || !hosts.has(found[1].toUpperCase())) {
    return { kind: "foreign", host: leadsTo(plain), text };
  }
  return readPath(found[3], found[1].toUpperCase());
}

/**
 * @param {string} path from the first slash on, with the query
 * @param {string} host in upper case
 * @returns {Ours | Odd}
 */
export function readPath(path, host) {
  const tag = attempt(() => parseLink(path) ?? parseCompact(path));
  const outcome = tag === null ? "MALFORMED" : "outcome" in tag ? tag.outcome : null;
  if (outcome === "CANNOT_CHECK") return { kind: "odd", path, host, outcome };
  if (outcome !== null) return { kind: "odd", path: "", host, outcome: "MALFORMED" };
  return { kind: "ours", path, host, tag };
}

/**
 * The host that a browser would open, in its ASCII form, so that letters that look alike do not deceive.
 * @param {string} text
 * @returns {string} "" when it is no web address
 */
function leadsTo(text) {
  try {
    const address = new URL(text);
    return /^https?:$/.test(address.protocol) ? address.host : "";
  } catch {
    return "";
  }
}
