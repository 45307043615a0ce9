// Bytes and their writings.

const ASCII = new TextEncoder();

/**
 * @param {string} hex lower case, an even number of digits
 * @returns {Uint8Array}
 */
export function bytesOfHex(hex) {
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) => parseInt(hex.slice(2 * at, 2 * at + 2), 16));
}

/**
 * @param {Uint8Array} bytes
 * @returns {string} lower case
 */
export function hexOf(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {string} text
 * @returns {Uint8Array} UTF-8
 */
export function bytesOfText(text) {
  return ASCII.encode(text);
}

/**
 * @param {bigint} number
 * @param {number} length in bytes; the number fits
 * @returns {Uint8Array} big-endian
 */
export function bytesOfNumber(number, length) {
  return bytesOfHex(number.toString(16).padStart(2 * length, "0"));
}

/**
 * @param {...Uint8Array} parts
 * @returns {Uint8Array}
 */
export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
