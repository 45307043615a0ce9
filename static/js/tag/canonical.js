// Exact JSON: read without ambiguity, written as RFC 8785 (JCS) has it for texts and whole numbers.

/**
 * @param {string} text
 * @returns {unknown}
 * @throws {SyntaxError} for what is no JSON, a member that stands twice, a fraction or an exponent
 */
export function parseExactly(text) {
  const document = JSON.parse(text);
  const bare = text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  if (/[0-9][.eE]|-/.test(bare)) throw new SyntaxError("want whole numbers, none of them negative");
  if (countMembers(document) !== (bare.match(/:/g) ?? []).length) throw new SyntaxError("a member stands twice");
  return document;
}

/**
 * @param {unknown} value
 * @returns {string}
 */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(",")}}`;
}

/**
 * JSON.parse keeps the last of two members of one name; what it kept is compared with what was written.
 * @param {unknown} value
 * @returns {number}
 */
function countMembers(value) {
  if (typeof value !== "object" || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce((sum, member) => sum + countMembers(member), own);
}
