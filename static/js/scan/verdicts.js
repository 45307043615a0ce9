// What the device says of a reading, in the page's words; the sentences stand in the page, so they are translated with it.

import { judge } from "../tag/judge.js";
import { element } from "./elements.js";

/**
 * @typedef {import("./tag.js").Reading} Reading
 * @typedef {import("../offline/provisions.js").Provisions} Provisions
 * @typedef {object} Verdict
 * @property {string} code as in docs/spec/verdicts.md
 * @property {string} kind its level
 * @property {string} tone
 * @property {string} symbol
 * @property {string} title
 * @property {string} text
 * @property {string} advice
 * @property {string} gtin "" for what is no tag, as the others
 * @property {string} serial
 * @property {string} lot
 */

/** Dates as the rest of the site writes them: `tagserver.web.languages`. */
const LOCALE = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;

/**
 * @param {Reading} reading
 * @param {Provisions} provisions
 * @returns {Promise<Verdict>}
 */
export async function localVerdict(reading, provisions) {
  const finding = await found(reading, provisions);
  const words = wordsOf(finding.cause === undefined ? finding.code : `${finding.code}-${finding.cause}`);
  const { recall, issuer = "", lastDay } = finding;
  const values = {
    issuer,
    date: dayOf(recall?.at ?? lastDay ?? ""),
    reason: recall?.reason ?? "",
    instructions: recall?.instructions || (words.dataset.stop ?? ""),
    leads_to: reading.kind === "foreign" ? reading.host || reading.text.slice(0, 300) : "",
  };
  const filled = (name) => fill(words.querySelector(`[data-part="${name}"]`)?.textContent ?? "", values);
  const { tone = "none", symbol = "dash", kind = "unchecked" } = words.dataset;
  const { gtin = "", serial = "", lot = "" } = reading.kind === "ours" ? reading.tag : {};
  return { code: finding.code, kind, tone, symbol, title: filled("title"), text: filled("text"), advice: filled("advice"), gtin, serial, lot };
}

/**
 * @param {string} time ISO, a day or a moment; "" for none
 * @returns {string} the day as people write it
 */
export function dayOf(time) {
  return time && new Intl.DateTimeFormat(LOCALE, { dateStyle: "long", timeZone: "UTC" }).format(new Date(time));
}

/**
 * @param {string} time ISO
 * @returns {string} day and minute as the device's clock shows them
 */
export function minuteOf(time) {
  return new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short" }).format(new Date(time));
}

/**
 * @param {string} template
 * @param {Record<string, string | number>} values
 */
export function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
}

/**
 * @param {Reading} reading
 * @param {Provisions} provisions
 * @returns {Promise<import("../tag/judge.js").Finding>}
 */
async function found(reading, provisions) {
  if (reading.kind === "foreign") return { code: "FOREIGN_CODE" };
  if (reading.kind === "odd") return reading.outcome === "CANNOT_CHECK" ? { code: reading.outcome, cause: "format" } : { code: reading.outcome };
  try {
    return await judge(reading.tag, reading.host, provisions, new Date());
  } catch {
    return { code: "CANNOT_CHECK", cause: "no_trust" }; // nothing here verifies signatures
  }
}

/** @param {string} name */
function wordsOf(name) {
  const words = element("verdicts", HTMLElement).querySelector(`[data-verdict="${name}"]`);
  if (!(words instanceof HTMLElement)) throw new Error(`the page has no words for ${name}`);
  return words;
}
