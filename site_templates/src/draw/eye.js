/**
 * What is in sight of a map and how hands change it: a camera over a flat map, an eye around a solid one.
 * @import { Rect, View } from './types.js'
 */
import { cameraWindow, fitCamera, limitSpan, pan, zoomAt } from './camera.js';
import { fitOrbit, limitOrbit, orbitView, panOrbit, turn, turnByPixels, zoomOrbit } from './orbit.js';
import { flatView } from './project.js';

/**
 * @typedef {object} Eye
 * @property {boolean} solid whether the map has three dimensions
 * @property {(rect: Rect) => View} view
 * @property {(rect: Rect, dx: number, dy: number) => void} drag moves a flat map, turns a solid one
 * @property {(rect: Rect, dx: number, dy: number) => void} shift moves either
 * @property {(rect: Rect, factor: number, x: number, y: number) => void} zoom about a pixel
 * @property {(right: number, down: number) => void} turn by radians; nothing on a flat map
 * @property {() => void} reset
 * @property {() => void} showAll brings all points into sight
 * @property {(full?: boolean) => string} write where the eye is, in numbers with commas between; '' where it was at
 *   first, unless it is asked for in full
 * @property {(text: string) => void} read goes where a text of `write` says
 * @property {() => number} enlarged how many times larger than at first
 */

/**
 * @typedef {object} Extent of a map, in map coordinates
 * @property {number} dimensions
 * @property {ArrayLike<number>} lo what code 0 stands for
 * @property {ArrayLike<number>} hi what code 1 stands for
 * @property {ArrayLike<number>} viewLo what is in sight at first
 * @property {ArrayLike<number>} viewHi
 */

/** @param {Extent} map @returns {Eye} */
export function createEye(map) {
  return map.dimensions === 3 ? solidEye(map) : flatEye(map);
}

/** Digits after the point of what a link says of an eye: a thousandth of the first look's span is under a pixel. */
const DIGITS = 4;

/** All points, and room for their marks: of a flat map's side, and of a box's diagonal, which perspective enlarges. */
const MARGIN = 1.04;
const TURNED = 1.05;

/** @param {readonly number[]} numbers @param {readonly number[]} first the same at first @param {boolean} full */
function written(numbers, first, full) {
  const [text, firstText] = [numbers, first].map((list) => list.map((number) => Number(number.toFixed(DIGITS))).join());
  return text === firstText && !full ? '' : text;
}

/** @param {Extent} map @returns {Eye} */
function flatEye({ lo, hi, viewLo, viewHi }) {
  const start = fitCamera(viewLo, viewHi);
  let camera = start;
  const shift = (/** @type {Rect} */ rect, /** @type {number} */ dx, /** @type {number} */ dy) => {
    camera = pan(camera, rect, dx, dy);
  };
  return {
    solid: false,
    view: (rect) => flatView(cameraWindow(camera, rect, lo, hi)),
    drag: shift,
    shift,
    zoom(rect, factor, x, y) {
      camera = zoomAt(camera, rect, factor, x, y, start.span);
    },
    turn() {},
    reset() {
      camera = start;
    },
    showAll() {
      const all = fitCamera(lo, hi);
      camera = { ...all, span: MARGIN * all.span };
    },
    // How far from the middle, in spans of the first look, and how many times larger.
    write: (full = false) => written(
      [(camera.x - start.x) / start.span, (camera.y - start.y) / start.span, start.span / camera.span],
      [0, 0, 1], full),
    read(text) {
      const [x, y, enlarged] = text ? text.split(',').map(Number) : [0, 0, 1];
      const span = limitSpan(start.span / enlarged, start.span);
      camera = { x: start.x + x * start.span, y: start.y + y * start.span, span };
    },
    enlarged: () => start.span / camera.span,
  };
}

/** @param {Extent} map @returns {Eye} */
function solidEye({ lo, hi, viewLo, viewHi }) {
  const start = fitOrbit(viewLo, viewHi);
  let orbit = start;
  return {
    solid: true,
    view: (rect) => orbitView(orbit, rect, lo, hi),
    drag(rect, dx, dy) {
      orbit = turnByPixels(orbit, rect, dx, dy);
    },
    shift(rect, dx, dy) {
      orbit = panOrbit(orbit, rect, dx, dy);
    },
    zoom(rect, factor, x, y) {
      orbit = zoomOrbit(orbit, rect, factor, x, y, start.span);
    },
    turn(right, down) {
      orbit = turn(orbit, right, down);
    },
    reset() {
      orbit = start;
    },
    showAll() {
      const diagonal = Math.hypot(...[0, 1, 2].map((k) => hi[k] - lo[k]));
      orbit = { ...fitOrbit(lo, hi), span: TURNED * diagonal, yaw: orbit.yaw, pitch: orbit.pitch };
    },
    // How far from the middle, in spans of the first look, how many times larger, and turned how, in radians.
    write: (full = false) => written(
      [(orbit.x - start.x) / start.span, (orbit.y - start.y) / start.span, (orbit.z - start.z) / start.span,
        start.span / orbit.span, orbit.yaw, orbit.pitch],
      [0, 0, 0, 1, start.yaw, start.pitch], full),
    read(text) {
      const numbers = text ? text.split(',').map(Number) : [0, 0, 0, 1, start.yaw, start.pitch];
      const [x, y, z] = [start.x, start.y, start.z].map((middle, i) => middle + numbers[i] * start.span);
      const [enlarged, yaw, pitch] = numbers.slice(3);
      orbit = turn({ x, y, z, span: limitOrbit(start.span / enlarged, start.span), yaw, pitch: 0 }, 0, pitch);
    },
    enlarged: () => start.span / orbit.span,
  };
}
