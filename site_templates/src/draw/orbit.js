/**
 * The view of a solid map: an eye that turns about a point, comes nearer and goes away.
 * @import { Orbit, Rect, View } from './types.js'
 */

const MOST_ZOOM = 60;
const LEAST_ZOOM = 1 / 4;
/** The eye's distance from the point it turns about, in spans: mild perspective. */
const EYE = 2.2;
/** Room for the corners of the cube when it is turned. */
const ROOM = 1.45;
/** Depth, in spans, at which a point is as near or as far as it gets. */
const DEPTH = 0.6;
/** The first look, in radians: from the right and from above, so that depth is seen at once. */
const YAW = -0.55;
const PITCH = 0.38;
/** Radians that a drag across the panel's shorter side turns by. */
const TURN = Math.PI;

/**
 * The orbit that shows all of a cube.
 * @param {ArrayLike<number>} lo three coordinates
 * @param {ArrayLike<number>} hi
 * @returns {Orbit}
 */
export function fitOrbit(lo, hi) {
  const span = ROOM * (Math.max(hi[0] - lo[0], hi[1] - lo[1], hi[2] - lo[2]) || 1);
  return { x: (lo[0] + hi[0]) / 2, y: (lo[1] + hi[1]) / 2, z: (lo[2] + hi[2]) / 2, span, yaw: YAW, pitch: PITCH };
}

/** @param {Orbit} orbit @param {number} yaw radians to the right @param {number} pitch radians down @returns {Orbit} */
export function turn(orbit, yaw, pitch) {
  return { ...orbit, yaw: orbit.yaw + yaw, pitch: Math.min(Math.max(orbit.pitch + pitch, -Math.PI / 2), Math.PI / 2) };
}

/**
 * Turns as if the pointer had hold of the points.
 * @param {Orbit} orbit
 * @param {Rect} rect
 * @param {number} dx in pixels
 * @param {number} dy
 */
export function turnByPixels(orbit, rect, dx, dy) {
  const side = Math.max(1, Math.min(rect.width, rect.height));
  return turn(orbit, (TURN * dx) / side, (TURN * dy) / side);
}

/**
 * Moves the point that the eye turns about.
 * @param {Orbit} orbit
 * @param {Rect} rect
 * @param {number} dx in pixels
 * @param {number} dy
 * @returns {Orbit}
 */
export function panOrbit(orbit, rect, dx, dy) {
  const units = orbit.span / Math.max(1, Math.min(rect.width, rect.height));
  const [sinYaw, cosYaw, sinPitch, cosPitch] = angles(orbit);
  const [right, up] = [-dx * units, dy * units];
  return {
    ...orbit,
    x: orbit.x + cosYaw * right + sinYaw * sinPitch * up,
    y: orbit.y + cosPitch * up,
    z: orbit.z + sinYaw * right - cosYaw * sinPitch * up,
  };
}

/**
 * Zooms about a pixel of the plane that the eye turns about.
 * @param {Orbit} orbit
 * @param {Rect} rect
 * @param {number} factor above 1 comes nearer
 * @param {number} px
 * @param {number} py
 * @param {number} fullSpan of the unzoomed map
 */
export function zoomOrbit(orbit, rect, factor, px, py, fullSpan) {
  const span = limitOrbit(orbit.span / factor, fullSpan);
  // The pixel's way from the middle grows with the zoom: the point moves back by the difference.
  const growth = 1 - orbit.span / span;
  const dx = (px - rect.x - rect.width / 2) * growth;
  const dy = (py - rect.y - rect.height / 2) * growth;
  return panOrbit({ ...orbit, span }, rect, dx, dy);
}

/** @param {number} span @param {number} fullSpan of the unzoomed map */
export function limitOrbit(span, fullSpan) {
  return Math.min(Math.max(span, fullSpan / MOST_ZOOM), fullSpan / LEAST_ZOOM);
}

/**
 * The view of codes 0 … 1 that stand for `lo` … `hi`.
 * @param {Orbit} orbit
 * @param {Rect} rect
 * @param {ArrayLike<number>} lo
 * @param {ArrayLike<number>} hi
 * @returns {View}
 */
export function orbitView(orbit, rect, lo, hi) {
  const [sinYaw, cosYaw, sinPitch, cosPitch] = angles(orbit);
  const side = Math.min(rect.width, rect.height);
  // Right, up, and towards the eye, in map units.
  const rows = [
    [cosYaw, 0, sinYaw],
    [sinYaw * sinPitch, cosPitch, -cosYaw * sinPitch],
    [-sinYaw * cosPitch, sinPitch, cosYaw * cosPitch],
  ];
  const unit = (2 * side) / orbit.span;
  const scales = [unit / rect.width, unit / rect.height, 1 / (DEPTH * orbit.span)];
  const target = [orbit.x, orbit.y, orbit.z];
  const view = new Float64Array(16);
  rows.forEach((row, i) => {
    for (let k = 0; k < 3; k++) {
      view[4 * i + k] = scales[i] * row[k] * (hi[k] - lo[k]);
      view[4 * i + 3] += scales[i] * row[k] * (lo[k] - target[k]);
    }
  });
  // The fourth row falls towards the eye: what is near is divided by less.
  for (let k = 0; k < 4; k++) view[12 + k] = (-view[8 + k] * DEPTH) / EYE + (k === 3 ? 1 : 0);
  return view;
}

/** Sine and cosine of yaw, then of pitch. @param {Orbit} orbit */
function angles({ yaw, pitch }) {
  return [Math.sin(yaw), Math.cos(yaw), Math.sin(pitch), Math.cos(pitch)];
}
