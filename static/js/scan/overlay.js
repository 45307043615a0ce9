// Outlines round the codes in view.

import { placed } from "./geometry.js";

/** @typedef {import("./geometry.js").Point} Point */
/** @typedef {{corners: Point[], kind: string}} Outline kind: "ours", "foreign", or a verdict's tone */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {SVGSVGElement} overlay lies on the video, as large
 * @param {HTMLVideoElement} video
 * @param {Outline[]} outlines corners in pixels of the video
 */
export function draw(overlay, video, outlines) {
  const box = { width: video.clientWidth, height: video.clientHeight };
  const picture = { width: video.videoWidth, height: video.videoHeight };
  overlay.setAttribute("viewBox", `0 0 ${box.width} ${box.height}`);
  overlay.replaceChildren(
    ...outlines.map(({ corners, kind }) => {
      const polygon = document.createElementNS(SVG, "polygon");
      const points = corners.map((corner) => placed(corner, picture, box));
      polygon.setAttribute("points", points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" "));
      polygon.setAttribute("class", kind);
      return polygon;
    }),
  );
}
