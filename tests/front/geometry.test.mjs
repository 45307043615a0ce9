// Where the overlay draws, and what part of the camera's picture is read.

import assert from "node:assert/strict";
import test from "node:test";

import { lookAt, placed, shrunk } from "../../static/js/scan/geometry.js";

test("a picture as wide as its box needs no move", () => {
  const size = { width: 300, height: 200 };
  assert.deepEqual(placed({ x: 10, y: 20 }, size, size), { x: 10, y: 20 });
});

test("a picture that fills a tall box is cut at its sides", () => {
  const picture = { width: 1920, height: 1080 };
  const box = { width: 270, height: 540 };
  assert.deepEqual(placed({ x: 960, y: 540 }, picture, box), { x: 135, y: 270 });
  assert.deepEqual(placed({ x: 960, y: 0 }, picture, box), { x: 135, y: 0 });
  assert.equal(placed({ x: 0, y: 0 }, picture, box).x, -345);
});

test("the whole picture and its middle take turns", () => {
  const picture = { width: 1920, height: 1080 };
  assert.deepEqual(lookAt(picture, 0), { x: 0, y: 0, width: 1920, height: 1080 });
  assert.deepEqual(lookAt(picture, 1), { x: 582, y: 162, width: 756, height: 756 });
  assert.deepEqual(lookAt(picture, 2), lookAt(picture, 0));
});

test("a part is made smaller, never larger", () => {
  assert.deepEqual(shrunk({ width: 1920, height: 1080 }, 1280), { width: 1280, height: 720 });
  assert.deepEqual(shrunk({ width: 756, height: 756 }, 1280), { width: 756, height: 756 });
});
