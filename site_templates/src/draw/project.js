/**
 * From the unit cube of stored codes to pixels: the one place that says where a vertex is on the screen and how near.
 * The shader in webgl.js does the same.
 * @import { Cloud, Panel, View, Window2 } from './types.js'
 */
import { fullScale } from './cloud.js';

/** What is behind the eye, or as good as in it, is not seen. */
export const LEAST_W = 0.05;

/** How large and how opaque a far point is, of what the same point near the eye is. */
export const FAR_SIZE = 0.55;
export const FAR_ALPHA = 0.28;

/** Width of the line around a point, in device pixels. */
export const RIM = 1;

/** Where a vertex is, in CSS pixels; `near` is 1 next to the eye and on flat maps, 0 far away, −1 where it is not seen. */
/** @typedef {{x: number, y: number, near: number}} Place */

/** The view of a flat map: the window fills the panel. @param {Window2} window @returns {View} */
export function flatView({ x, y, width, height }) {
  return Float64Array.of(
    2 / width, 0, 0, -1 - (2 * x) / width,
    0, 2 / height, 0, -1 - (2 * y) / height,
    0, 0, 0, 1,
    0, 0, 0, 1,
  );
}

/** Whether all points are equally near, so that a pixel is one place of the unit square. @param {Panel} panel */
export function isFlat({ view, from }) {
  return !from && view[2] === 0 && view[6] === 0 && view[10] === 0 && view[14] === 0;
}

/** A function that places vertices of a panel. @param {Panel} panel @returns {(vertex: number, place?: Place) => Place} */
export function makePlacer({ cloud, rect, view, from }) {
  const own = makeSight(cloud, view);
  const start = from && makeSight(from.cloud, from.view);
  const [a, b] = [new Float64Array(3), new Float64Array(3)];
  const share = from?.share ?? 1;
  return (vertex, place = { x: 0, y: 0, near: 0 }) => {
    own(vertex, a);
    if (start) {
      start(vertex, b);
      for (let i = 0; i < 3; i++) a[i] = b[i] + (a[i] - b[i]) * share;
    }
    place.x = rect.x + (a[0] + 1) * 0.5 * rect.width;
    place.y = rect.y + (1 - a[1]) * 0.5 * rect.height;
    place.near = a[0] > 8 ? -1 : Math.min(Math.max(a[2] * 0.5 + 0.5, 0), 1);
    return place;
  };
}

/** @param {Cloud} cloud @param {View} view @returns {(vertex: number, seen: Float64Array) => void} x, y and depth from −1 to 1; far outside where nothing is seen */
function makeSight(cloud, view) {
  const scale = 1 / fullScale(cloud);
  const { positions, dimensions } = cloud;
  const m = Array.from(view, (value, i) => (i % 4 === 3 ? value : value * scale));
  return (vertex, seen) => {
    const at = dimensions * vertex;
    const x = positions[at];
    const y = positions[at + 1];
    const z = dimensions === 3 ? positions[at + 2] : 0;
    const w = m[12] * x + m[13] * y + m[14] * z + m[15];
    if (w < LEAST_W) return void seen.fill(9);
    seen[0] = (m[0] * x + m[1] * y + m[2] * z + m[3]) / w;
    seen[1] = (m[4] * x + m[5] * y + m[6] * z + m[7]) / w;
    seen[2] = m[8] * x + m[9] * y + m[10] * z + m[11];
  };
}

/** Where a vertex is. @param {Panel} panel @param {number} vertex */
export function placeOf(panel, vertex) {
  return makePlacer(panel)(vertex);
}

/** Pixels of a place in the unit cube. @param {Pick<Panel, 'rect' | 'view'>} panel @param {number} x @param {number} y @param {number} [z] */
export function toPixels({ rect, view: m }, x, y, z = 0) {
  const w = m[12] * x + m[13] * y + m[14] * z + m[15];
  const across = (m[0] * x + m[1] * y + m[2] * z + m[3]) / w;
  const up = (m[4] * x + m[5] * y + m[6] * z + m[7]) / w;
  return { x: rect.x + (across + 1) * 0.5 * rect.width, y: rect.y + (1 - up) * 0.5 * rect.height };
}

/** The place in the unit square of a pixel; only flat panels have one. @param {Pick<Panel, 'rect' | 'view'>} panel @param {number} px @param {number} py */
export function fromPixels({ rect, view }, px, py) {
  const across = ((px - rect.x) / rect.width) * 2 - 1;
  const up = 1 - ((py - rect.y) / rect.height) * 2;
  return { x: (across - view[3]) / view[0], y: (up - view[7]) / view[5] };
}

/** Vertices from far to near, so that near ones are drawn over far ones. @param {Panel} panel @returns {Uint32Array | undefined} undefined where the cloud's own order serves */
export function depthOrder(panel) {
  if (panel.view[8] === 0 && panel.view[9] === 0 && panel.view[10] === 0) return undefined;
  const { first, count } = panel;
  const place = makePlacer(panel);
  const at = { x: 0, y: 0, near: 0 };
  const steps = 1024;
  const keys = new Uint16Array(count);
  const starts = new Uint32Array(steps + 1);
  for (let i = 0; i < count; i++) {
    keys[i] = Math.round(Math.max(0, place(first + i, at).near) * (steps - 1));
    starts[keys[i] + 1]++;
  }
  for (let i = 0; i < steps; i++) starts[i + 1] += starts[i];
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[starts[keys[i]]++] = first + i;
  return order;
}
