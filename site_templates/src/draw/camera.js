/**
 * The view of a flat map: panning, zooming, and the window of the stored codes that can be seen.
 * @import { Camera, Rect, Window2 } from './types.js'
 */

const MOST_ZOOM = 400;
const LEAST_ZOOM = 1 / 8;

/**
 * The camera that shows all of a square.
 * @param {ArrayLike<number>} lo lowest x, y of the square
 * @param {ArrayLike<number>} hi
 * @returns {Camera}
 */
export function fitCamera(lo, hi) {
  const span = Math.max(hi[0] - lo[0], hi[1] - lo[1]) || 1;
  return { x: (lo[0] + hi[0]) / 2, y: (lo[1] + hi[1]) / 2, span };
}

/** Map units in a pixel. @param {Camera} camera @param {Rect} rect */
export function unitsPerPixel(camera, rect) {
  return camera.span / Math.max(1, Math.min(rect.width, rect.height));
}

/**
 * Moves the map with the pointer.
 * @param {Camera} camera
 * @param {Rect} rect
 * @param {number} dx pixels to the right
 * @param {number} dy pixels down
 * @returns {Camera}
 */
export function pan(camera, rect, dx, dy) {
  const units = unitsPerPixel(camera, rect);
  return { ...camera, x: camera.x - dx * units, y: camera.y + dy * units };
}

/**
 * Zooms about a pixel: the place under it stays there.
 * @param {Camera} camera
 * @param {Rect} rect
 * @param {number} factor above 1 enlarges
 * @param {number} px
 * @param {number} py
 * @param {number} fullSpan of the unzoomed map: the limits are relative to it
 * @returns {Camera}
 */
export function zoomAt(camera, rect, factor, px, py, fullSpan) {
  const span = limitSpan(camera.span / factor, fullSpan);
  const before = unitsPerPixel(camera, rect);
  const after = unitsPerPixel({ ...camera, span }, rect);
  const dx = px - rect.x - rect.width / 2;
  const dy = rect.y + rect.height / 2 - py;
  return { x: camera.x + dx * (before - after), y: camera.y + dy * (before - after), span };
}

/** @param {number} span @param {number} fullSpan of the unzoomed map */
export function limitSpan(span, fullSpan) {
  return Math.min(Math.max(span, fullSpan / MOST_ZOOM), fullSpan / LEAST_ZOOM);
}

/**
 * The window of the unit square that a camera sees, when codes 0 and 1 stand for `lo` and `hi`.
 * @param {Camera} camera
 * @param {Rect} rect
 * @param {ArrayLike<number>} lo
 * @param {ArrayLike<number>} hi
 * @returns {Window2}
 */
export function cameraWindow(camera, rect, lo, hi) {
  const units = unitsPerPixel(camera, rect);
  const extent = [hi[0] - lo[0] || 1, hi[1] - lo[1] || 1];
  const width = rect.width * units;
  const height = rect.height * units;
  return {
    x: (camera.x - width / 2 - lo[0]) / extent[0],
    y: (camera.y - height / 2 - lo[1]) / extent[1],
    width: width / extent[0],
    height: height / extent[1],
  };
}
