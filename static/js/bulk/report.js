// The report as CSV (RFC 4180). The server has made its cells harmless for spreadsheets.

/** @typedef {import("./send.js").Row} Row */

const TIMES = "times_in_list";

/**
 * @param {string[]} columns
 * @param {Row[]} rows in the list's order
 * @returns {Blob} with a byte order mark: without it Excel takes UTF-8 for something else
 */
export function report(columns, rows) {
  const times = columns.indexOf(TIMES);
  const lines = rows.map((row) =>
    row.report.map((cell, place) => (place === 0 ? String(row.line) : place === times && cell ? String(row.times) : cell)),
  );
  const text = [columns, ...lines].map((cells) => cells.map(quoted).join(",")).join("\r\n");
  return new Blob(["\uFEFF", text, "\r\n"], { type: "text/csv;charset=utf-8" });
}

/** @param {string} cell */
function quoted(cell) {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
