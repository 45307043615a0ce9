// A list's text cut into records, each a line, or several where a quoted cell holds a line's end (RFC 4180).

const KNOWN = Object.freeze(["text", "url"]);

/**
 * @param {string} text
 * @returns {string[]} without empty ones
 */
export function records(text) {
  const found = [];
  let open = "";
  for (const line of text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/)) {
    const record = open ? `${open}\n${line}` : line;
    const isWhole = record.split('"').length % 2 === 1;
    open = isWhole ? "" : record;
    if (isWhole && record.trim()) found.push(record);
  }
  if (open.trim()) found.push(open);
  return found;
}

/**
 * @param {string[]} all
 * @returns {{header: string, items: string[]}} the header, which each part needs; "" for a list without one
 */
export function withoutHeader(all) {
  const names = (all[0] ?? "").split(/[,;\t]/).map((name) => name.replaceAll('"', "").trim().toLowerCase());
  const isHeader = names.some((name) => KNOWN.includes(name)) || (names.includes("gtin") && names.includes("serial"));
  return isHeader ? { header: all[0], items: all.slice(1) } : { header: "", items: all };
}

/**
 * @param {string} header
 * @param {string[]} items
 * @param {number} size
 * @returns {{body: string, count: number}[]}
 */
export function parts(header, items, size) {
  const cut = [];
  for (let start = 0; start < items.length; start += size) {
    const some = items.slice(start, start + size);
    cut.push({ body: (header ? [header, ...some] : some).join("\n"), count: some.length });
  }
  return cut;
}
