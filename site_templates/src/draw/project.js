/**
 * From the unit cube of stored codes to pixels: the one place that says where a vertex is on the screen and how near.
 * The shader in points-program.js does the same.
 * @import { Cloud, Panel, View, Window2 } from './types.js'
 */
import { fullScale } from './cloud.js';

/**
 * Points behind the eye, or nearly in it, are not drawn: the fourth coordinate of a point in sight is at least this.
 */
export const LEAST_W = 0.05;

/** Size and opacity of the farthest points, as shares of what they are next to the eye. */
export const FAR_SIZE = 0.55;
export const FAR_ALPHA = 0.28;

/** Width of the line around a point, in device pixels. */
export const RIM = 1;

/** What stands for a place out of sight: panels go from −1 to 1. */
const OUT_OF_SIGHT = 9;

/**
 * Where a vertex is, in CSS pixels; `near` is 1 next to the eye and on flat maps, 0 far away, −1 out of sight.
 * @typedef {{x: number, y: number, near: number}} Place
 */

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

/**
 * A function that places vertices of a panel.
 * @param {Pick<Panel, 'cloud' | 'rect' | 'view' | 'from'>} panel
 * @returns {(vertex: number, place?: Place) => Place}
 */
export function makePlacer({ cloud, rect, view, from }) {
  const sight = makeSight(cloud, view);
  const startSight = from && makeSight(from.cloud, from.view);
  const [at, start] = [new Float64Array(3), new Float64Array(3)];
  const share = from?.share ?? 1;
  return (vertex, place = { x: 0, y: 0, near: 0 }) => {
    sight(vertex, at);
    // On its way a point is that share of the straight line from its start, as the panel shows both.
    if (startSight) {
      startSight(vertex, start);
      for (let i = 0; i < 3; i++) at[i] = start[i] + (at[i] - start[i]) * share;
    }
    place.x = rect.x + (at[0] + 1) * 0.5 * rect.width;
    place.y = rect.y + (1 - at[1]) * 0.5 * rect.height;
    place.near = at[0] > OUT_OF_SIGHT - 1 ? -1 : Math.min(Math.max(at[2] * 0.5 + 0.5, 0), 1);
    return place;
  };
}

/**
 * A function that writes x, y and depth of a vertex, each from −1 to 1; OUT_OF_SIGHT for a vertex behind the eye.
 * @param {Cloud} cloud
 * @param {View} view
 * @returns {(vertex: number, place: Float64Array) => void}
 */
function makeSight(cloud, view) {
  const scale = 1 / fullScale(cloud);
  const { positions, dimensions } = cloud;
  const m = Array.from(view, (value, i) => (i % 4 === 3 ? value : value * scale)); // of codes, not of the unit cube
  return (vertex, place) => {
    const at = dimensions * vertex;
    const x = positions[at];
    const y = positions[at + 1];
    const z = dimensions === 3 ? positions[at + 2] : 0;
    const w = m[12] * x + m[13] * y + m[14] * z + m[15];
    if (w < LEAST_W) return void place.fill(OUT_OF_SIGHT);
    place[0] = (m[0] * x + m[1] * y + m[2] * z + m[3]) / w;
    place[1] = (m[4] * x + m[5] * y + m[6] * z + m[7]) / w;
    place[2] = m[8] * x + m[9] * y + m[10] * z + m[11];
  };
}

/** Where a vertex is. @param {Panel} panel @param {number} vertex */
export function placeOf(panel, vertex) {
  return makePlacer(panel)(vertex);
}

/**
 * Pixels of a place in the unit cube.
 * @param {Pick<Panel, 'rect' | 'view'>} panel
 * @param {number} x
 * @param {number} y
 * @param {number} [z]
 */
export function toPixels({ rect, view: m }, x, y, z = 0) {
  const w = m[12] * x + m[13] * y + m[14] * z + m[15];
  const across = (m[0] * x + m[1] * y + m[2] * z + m[3]) / w;
  const up = (m[4] * x + m[5] * y + m[6] * z + m[7]) / w;
  return { x: rect.x + (across + 1) * 0.5 * rect.width, y: rect.y + (1 - up) * 0.5 * rect.height };
}

/**
 * The place of a pixel in the unit square; only flat panels have one.
 * @param {Pick<Panel, 'rect' | 'view'>} panel
 * @param {number} px
 * @param {number} py
 */
export function fromPixels({ rect, view }, px, py) {
  const across = ((px - rect.x) / rect.width) * 2 - 1;
  const up = 1 - ((py - rect.y) / rect.height) * 2;
  return { x: (across - view[3]) / view[0], y: (up - view[7]) / view[5] };
}

/** Steps of depth that are told apart when points are sorted. */
const DEPTHS = 1024;

/**
 * Vertices from far to near, so that near ones are drawn over far ones: a counting sort by depth.
 * @param {Panel} panel
 * @returns {Uint32Array | undefined} undefined on flat maps, where the order of the cloud serves
 */
export function depthOrder(panel) {
  if (panel.view[8] === 0 && panel.view[9] === 0 && panel.view[10] === 0) return undefined;
  const { first, count } = panel;
  const place = makePlacer(panel);
  const at = { x: 0, y: 0, near: 0 };
  const depths = new Uint16Array(count);
  const starts = new Uint32Array(DEPTHS + 1);
  for (let i = 0; i < count; i++) {
    depths[i] = Math.round(Math.max(0, place(first + i, at).near) * (DEPTHS - 1));
    starts[depths[i] + 1]++;
  }
  for (let i = 0; i < DEPTHS; i++) starts[i + 1] += starts[i];
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[starts[depths[i]]++] = first + i;
  return order;
}
