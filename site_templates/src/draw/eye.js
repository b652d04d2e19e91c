/**
 * What is in sight of a map and how hands change it: a camera over a flat map, an eye around a solid one.
 * @import { Rect, View } from './types.js'
 */
import { cameraWindow, fitCamera, pan, zoomAt } from './camera.js';
import { fitOrbit, orbitView, panOrbit, turn, turnByPixels, zoomOrbit } from './orbit.js';
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
    enlarged: () => start.span / orbit.span,
  };
}
