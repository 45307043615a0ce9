// How well a frame can be read, measured on its luminance, so that the page can say what to change. Plain numbers; what
// they mean for people is for advice.js. No camera, no page: also runs under Node.

/**
 * @typedef {{width: number, height: number, data: Uint8Array}} Gray luminance, 0 to 255, row by row
 * @typedef {object} Quality
 * @property {number} light what the paper reaches: the luminance that one pixel in twenty exceeds, 0 to 255
 * @property {number} edge how wide the edges of the pattern are, in pixels; about 1 to 2 when they are sharp, 0 without a pattern
 * @property {number} glare what share of the pattern a highlight has washed out, 0 to 1
 * @property {number} span the longer side of the pattern over the shorter side of the frame, 0 without one
 */

const BLOCK = 16;
const CONTRAST = 48; // of 255 within a block: the ink of a label on its paper, in dim light too
const CLIPPED = 250;
const FLAT = 10; // a block that a highlight washed out holds no more contrast than this

/**
 * @param {Uint8ClampedArray} rgba
 * @param {number} width
 * @param {number} height
 * @returns {Gray} by the weights of ITU-R BT.601, in whole 256ths
 */
export function grayOf(rgba, width, height) {
  const data = new Uint8Array(width * height);
  for (let at = 0, from = 0; at < data.length; at += 1, from += 4) {
    data[at] = (77 * rgba[from] + 150 * rgba[from + 1] + 29 * rgba[from + 2]) >> 8;
  }
  return { width, height, data };
}

/**
 * @param {Gray} gray
 * @returns {Quality}
 */
export function qualityOf(gray) {
  const blocks = blocksOf(gray);
  const pattern = largestPattern(blocks);
  return {
    light: brightest(gray),
    edge: median(pattern.map((at) => blocks.edge[at])),
    glare: washedOut(blocks, pattern),
    span: span(blocks, pattern) / (Math.min(gray.width, gray.height) / BLOCK),
  };
}

/**
 * The frame in squares: what each holds.
 * @typedef {{across: number, down: number, contrast: Uint8Array, edge: Float32Array, darkest: Uint8Array, textured: Uint8Array}} Blocks
 * @param {Gray} gray
 * @returns {Blocks}
 */
function blocksOf({ width, height, data }) {
  const across = Math.floor(width / BLOCK);
  const down = Math.floor(height / BLOCK);
  const count = across * down;
  const contrast = new Uint8Array(count);
  const darkest = new Uint8Array(count);
  const textured = new Uint8Array(count);
  const edge = new Float32Array(count);
  for (let at = 0; at < count; at += 1) {
    const start = Math.floor(at / across) * BLOCK * width + (at % across) * BLOCK;
    let [low, high, steepX, steepY, turnsX, turnsY] = [255, 0, 0, 0, 0, 0];
    for (let y = 1; y < BLOCK - 1; y += 1) {
      const row = start + y * width;
      for (let x = 1; x < BLOCK - 1; x += 1) {
        const here = data[row + x];
        if (here < low) low = here;
        if (here > high) high = here;
        const dx = Math.abs(data[row + x + 1] - data[row + x - 1]);
        const dy = Math.abs(data[row + x + width] - data[row + x - width]);
        if (dx > steepX) steepX = dx;
        if (dy > steepY) steepY = dy;
        if (dx > CONTRAST / 3) turnsX += 1;
        if (dy > CONTRAST / 3) turnsY += 1;
      }
    }
    contrast[at] = high - low;
    darkest[at] = low;
    // Edges both across and down: print, not the rim of a table. A moving camera smears one of the two directions, so
    // it is enough that one is there in plenty.
    const isPrint = Math.min(turnsX, turnsY) >= 6 || Math.max(turnsX, turnsY) >= 40;
    textured[at] = contrast[at] >= CONTRAST && isPrint ? 1 : 0;
    // An edge of height h behind a Gaussian of sigma s is steepest with h / (s sqrt(2 pi)); differences here span two pixels.
    // The smeared direction is the one that keeps the code from being read.
    edge[at] = (2 * contrast[at]) / Math.max(1, Math.min(steepX, steepY));
  }
  return { across, down, contrast, edge, darkest, textured };
}

/**
 * The largest patch of print: connected blocks, the diagonal neighbours too.
 * @param {Blocks} blocks
 * @returns {number[]} their places
 */
function largestPattern({ across, down, textured }) {
  const seen = new Uint8Array(textured.length);
  /** @type {number[]} */
  let largest = [];
  for (let first = 0; first < textured.length; first += 1) {
    if (textured[first] === 0 || seen[first] === 1) continue;
    const patch = [first];
    seen[first] = 1;
    for (let next = 0; next < patch.length; next += 1) {
      for (const near of neighbours(patch[next], across, down)) {
        if (textured[near] === 1 && seen[near] === 0) {
          seen[near] = 1;
          patch.push(near);
        }
      }
    }
    if (patch.length > largest.length) largest = patch;
  }
  return largest.length < 3 ? [] : largest;
}

/**
 * @param {number} at
 * @param {number} across
 * @param {number} down
 */
function* neighbours(at, across, down) {
  const x = at % across;
  const y = (at - x) / across;
  for (let dy = -1; dy <= 1; dy += 1) {
    for (let dx = -1; dx <= 1; dx += 1) {
      if (x + dx >= 0 && x + dx < across && y + dy >= 0 && y + dy < down) yield (y + dy) * across + x + dx;
    }
  }
}

/**
 * Blocks inside the pattern's box that are white through and through, among blocks of print on both sides: a highlight
 * has no print in it, and bare paper lies outside of the pattern.
 * @param {Blocks} blocks
 * @param {number[]} pattern
 */
function washedOut(blocks, pattern) {
  if (pattern.length === 0) return 0;
  const { across, contrast, darkest, textured } = blocks;
  const { left, right, top, bottom } = boxOf(pattern, across);
  let white = 0;
  for (let y = top; y <= bottom; y += 1) {
    const row = Array.from({ length: right - left + 1 }, (_, x) => y * across + left + x);
    const firstPrint = row.findIndex((at) => textured[at] === 1);
    const lastPrint = row.findLastIndex((at) => textured[at] === 1);
    const between = row.slice(firstPrint + 1, Math.max(firstPrint + 1, lastPrint));
    white += between.filter((at) => darkest[at] >= CLIPPED && contrast[at] <= FLAT).length;
  }
  return white / (white + pattern.length);
}

/**
 * @param {Blocks} blocks
 * @param {number[]} pattern
 * @returns {number} in blocks
 */
function span({ across }, pattern) {
  if (pattern.length === 0) return 0;
  const { left, right, top, bottom } = boxOf(pattern, across);
  return Math.max(right - left, bottom - top) + 1;
}

/**
 * @param {number[]} pattern not empty
 * @param {number} across
 */
function boxOf(pattern, across) {
  const columns = pattern.map((at) => at % across);
  const rows = pattern.map((at) => Math.floor(at / across));
  return { left: Math.min(...columns), right: Math.max(...columns), top: Math.min(...rows), bottom: Math.max(...rows) };
}

/** @param {Gray} gray */
function brightest({ data }) {
  const counts = new Uint32Array(256);
  let total = 0;
  for (let at = 0; at < data.length; at += 7) {
    counts[data[at]] += 1;
    total += 1;
  }
  let above = 0;
  for (let value = 255; value > 0; value -= 1) {
    above += counts[value];
    if (above * 20 >= total) return value;
  }
  return 0;
}

/** @param {number[]} values */
function median(values) {
  if (values.length === 0) return 0;
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)];
}
