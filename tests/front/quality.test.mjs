// What frames are measured to be, on drawn ones, and what people are told of it.

import assert from "node:assert/strict";
import test from "node:test";

import { Adviser, adviceFor } from "../../static/js/scan/advice.js";
import { Pace } from "../../static/js/scan/pace.js";
import { grayOf, qualityOf } from "../../static/js/scan/quality.js";

const SIZE = Object.freeze({ width: 640, height: 360 });

/**
 * Modules drawn at random on paper.
 * @param {{module?: number, modules?: number, ink?: number, paper?: number, sigma?: number}} [how]
 * @returns {import("../../static/js/scan/quality.js").Gray}
 */
function frame({ module = 4, modules = 45, ink = 20, paper = 220, sigma = 0 } = {}) {
  const { width, height } = SIZE;
  const data = new Float32Array(width * height).fill(paper);
  let state = 7;
  const [left, top] = [(width - module * modules) / 2, (height - module * modules) / 2].map(Math.floor);
  for (let row = 0; row < modules; row += 1) {
    for (let column = 0; column < modules; column += 1) {
      state = (state * 1103515245 + 12345) % 2147483648;
      if (state < 1073741824) continue;
      for (let y = 0; y < module; y += 1) data.fill(ink, (top + row * module + y) * width + left + column * module, (top + row * module + y) * width + left + (column + 1) * module);
    }
  }
  return { ...SIZE, data: Uint8Array.from(sigma > 0 ? blurred(data, sigma) : data) };
}

/**
 * @param {Float32Array} data
 * @param {number} sigma of a Gaussian, in pixels
 */
function blurred(data, sigma) {
  const reach = Math.ceil(3 * sigma);
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, at) => Math.exp(-((at - reach) ** 2) / (2 * sigma ** 2)));
  const sum = kernel.reduce((one, other) => one + other);
  const along = (from, step, limit) => Float32Array.from(from, (_, at) => {
    const place = Math.floor(at / step) % limit;
    return kernel.reduce((total, weight, k) => total + weight * from[at + (Math.min(limit - 1, Math.max(0, place + k - reach)) - place) * step], 0) / sum;
  });
  return along(along(data, 1, SIZE.width), SIZE.width, SIZE.height);
}

test("a sharp label in good light needs no advice", () => {
  const quality = qualityOf(frame());
  assert.ok(quality.light > 200 && quality.edge < 2.3 && quality.glare === 0 && quality.span > 0.4, JSON.stringify(quality));
  assert.equal(adviceFor(quality), null);
});

test("the width of edges grows with the blur, as the theory has it", () => {
  const widths = [1, 1.5, 2].map((sigma) => qualityOf(frame({ module: 12, modules: 25, sigma })).edge);
  assert.ok(widths[0] < widths[1] && widths[1] < widths[2], String(widths));
  for (const [at, sigma] of [1, 1.5, 2].entries()) {
    const expected = sigma * Math.sqrt(2 * Math.PI);
    assert.ok(Math.abs(widths[at] - expected) < 0.35 * expected, `sigma ${sigma}: ${widths[at]}, want about ${expected}`);
  }
  assert.equal(adviceFor(qualityOf(frame({ module: 8, modules: 30, sigma: 3 }))), "blurred");
});

test("light does not change how wide an edge is", () => {
  const [bright, dim] = [220, 120].map((paper) => qualityOf(frame({ paper, ink: paper / 10, sigma: 1 })).edge);
  assert.ok(Math.abs(bright - dim) < 0.3, `${bright} ${dim}`);
});

test("dark paper, a small label, and a highlight on it are told", () => {
  assert.equal(adviceFor(qualityOf(frame({ paper: 55, ink: 5 }))), "dark");
  assert.equal(adviceFor(qualityOf(frame({ module: 1, modules: 45 }))), "far");
  const shiny = frame();
  for (let y = 130; y < 220; y += 1) shiny.data.fill(255, y * SIZE.width + 270, y * SIZE.width + 360);
  assert.equal(adviceFor(qualityOf(shiny)), "glare");
});

test("a bare table gives no advice", () => {
  const table = { ...SIZE, data: new Uint8Array(SIZE.width * SIZE.height).fill(150) };
  assert.deepEqual(qualityOf(table), { light: 150, edge: 0, glare: 0, span: 0 });
  assert.equal(adviceFor(qualityOf(table)), null);
});

test("white paper round the label is no highlight", () => {
  assert.equal(qualityOf(frame({ paper: 255 })).glare, 0);
});

test("luminance weighs the colours", () => {
  const { data } = grayOf(Uint8ClampedArray.of(255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 255, 255, 255, 255), 4, 1);
  assert.deepEqual([...data], [76, 149, 28, 255]);
});

test("what is blurred is called so, whatever passes for a highlight in it", () => {
  const quality = { light: 240, edge: 9, glare: 0.1, span: 0.6 };
  assert.equal(adviceFor(quality), "blurred");
  assert.equal(adviceFor({ ...quality, edge: 2 }), "glare");
});

test("advice is given when most frames agree, and taken back so", () => {
  const adviser = new Adviser();
  const dark = { light: 10, edge: 0, glare: 0, span: 0 };
  const fine = { light: 200, edge: 2, glare: 0, span: 0.6 };
  assert.deepEqual([dark, dark].map((quality) => adviser.take(quality)), [null, null]);
  assert.equal(adviser.take(dark), "dark");
  assert.equal(adviser.take(fine), "dark");
  assert.equal(adviser.take(fine), "dark");
  assert.equal(adviser.take(fine), null);
});

test("frames get smaller on a slow device and larger on a fast one, and one in ten is read at full size", () => {
  const longest = (milliseconds) => {
    const pace = new Pace();
    const read = () => {
      const next = pace.next();
      pace.took(milliseconds, next.isThorough);
      return next;
    };
    for (let turn = 0; turn < 60; turn += 1) read();
    return Array.from({ length: 10 }, read);
  };
  assert.deepEqual(new Set(longest(200).map((next) => next.longest)), new Set([420, 1280]));
  assert.equal(longest(200).filter(({ isThorough }) => isThorough).length, 1);
  assert.deepEqual(new Set(longest(10).map((next) => next.longest)), new Set([1280]));
});

test("a full size that takes long is tried so seldom that it takes a fifth of the time", () => {
  const pace = new Pace();
  const spent = { ordinary: 0, thorough: 0 };
  for (let turn = 0; turn < 500; turn += 1) {
    const { isThorough } = pace.next();
    const milliseconds = isThorough ? 900 : 60;
    spent[isThorough ? "thorough" : "ordinary"] += milliseconds;
    pace.took(milliseconds, isThorough);
  }
  assert.ok(spent.thorough > 0);
  assert.ok(spent.ordinary >= 4 * (spent.thorough - 900), JSON.stringify(spent)); // the last one is not paid for yet
});
