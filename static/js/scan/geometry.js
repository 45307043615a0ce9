// Points of a picture on a page: the picture fills its box, and what stands over is cut off (object-fit: cover).

/**
 * @typedef {{x: number, y: number}} Point
 * @typedef {{width: number, height: number}} Size
 * @typedef {{x: number, y: number, width: number, height: number}} Box
 */

/**
 * Where a point of the picture is in the box, both in pixels of their own.
 * @param {Point} point
 * @param {Size} picture
 * @param {Size} box
 * @returns {Point}
 */
export function placed(point, picture, box) {
  const scale = Math.max(box.width / picture.width, box.height / picture.height);
  return {
    x: (point.x - picture.width / 2) * scale + box.width / 2,
    y: (point.y - picture.height / 2) * scale + box.height / 2,
  };
}

/**
 * What to look at this time: the whole picture, or in turn its middle, where small codes keep all their pixels.
 * @param {Size} picture
 * @param {number} turn counts up
 * @returns {Box}
 */
export function lookAt(picture, turn) {
  if (turn % 2 === 0) return { x: 0, y: 0, ...picture };
  const side = Math.round(Math.min(picture.width, picture.height) * 0.7);
  return {
    x: Math.round((picture.width - side) / 2),
    y: Math.round((picture.height - side) / 2),
    width: side,
    height: side,
  };
}

/**
 * How large to draw a part so that its longer side has at most `longest` pixels; never larger than it is.
 * @param {Size} part
 * @param {number} longest
 * @returns {Size}
 */
export function shrunk(part, longest) {
  const scale = Math.min(1, longest / Math.max(part.width, part.height));
  return { width: Math.round(part.width * scale), height: Math.round(part.height * scale) };
}
