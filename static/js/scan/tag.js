// What a code's text is: a tag of ours, or something else. Form of tags: docs/spec/tag-format.md, sections 4 and 5.
// Only the form is looked at; whether the tag is true is for the page that it leads to.

/**
 * @typedef {{kind: "ours", path: string}} Ours the tag's path and query, to be asked of this origin
 * @typedef {{kind: "foreign", host: string, text: string}} Foreign `host` is where it would lead, "" for no address
 * @typedef {Ours | Foreign} Reading
 */

const LABEL = "[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?";
const HOST = `(?:${LABEL}\\.)*${LABEL}(?::[1-9][0-9]{0,4})?`;
const PRINTED = new RegExp(`^HTTPS://(${HOST})(/[^]*)$`);
const AS_BROWSERS_WRITE_IT = new RegExp(`^https://(${HOST.replaceAll("A-Z", "a-z")})(/[^]*)$`);
const VALUE = "(?:[A-Za-z0-9._-]|%[0-9A-F]{2})+";
const LINK = new RegExp(`^/01/[0-9]{14}(?:/10/${VALUE})?/21/${VALUE}\\?(?:17=[0-9]{6}&)?s=[1-9][0-9]{156,157}$`);
const COMPACT = /^\/[1-9][0-9]{156,251}$/;
const MAX_LENGTH = 600;

/**
 * @param {string} text what was read
 * @param {ReadonlySet<string>} hosts whose tags are ours, in upper case
 * @returns {Reading}
 */
export function readText(text, hosts) {
  const plain = text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
  const found = plain.length <= MAX_LENGTH ? (PRINTED.exec(plain) ?? AS_BROWSERS_WRITE_IT.exec(plain)) : null;
  if (found !== null && hosts.has(found[1].toUpperCase()) && isTagPath(found[2])) {
    return { kind: "ours", path: found[2] };
  }
  return { kind: "foreign", host: leadsTo(plain), text };
}

/**
 * @param {string} path from the first slash on, with the query
 * @returns {boolean}
 */
function isTagPath(path) {
  return LINK.test(path) || COMPACT.test(path);
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
