/**
 * What a picture of three dimensions shows: an eye that turns about a point, comes nearer and goes away.
 * @import { Orbit, Rect, View } from './types.js'
 */

const MOST_ZOOM = 60;
const LEAST_ZOOM = 1 / 4;
/** The eye's distance from the point it turns about, in spans: mild perspective. */
const EYE = 2.2;
/** A cube that is turned sticks out of its frame. */
const ROOM = 1.45;
/** Half a span more or less deep is as far or as near as it gets. */
const DEPTH = 0.6;
/** The first look, in radians: from the right and from above, so that depth is seen at once. */
const YAW = -0.55;
const PITCH = 0.38;
/** A drag across the picture's shorter side turns by so many radians. */
const TURN = Math.PI;

/** @param {ArrayLike<number>} lo @param {ArrayLike<number>} hi three numbers each @returns {Orbit} */
export function fitOrbit(lo, hi) {
  const span = ROOM * (Math.max(hi[0] - lo[0], hi[1] - lo[1], hi[2] - lo[2]) || 1);
  return { x: (lo[0] + hi[0]) / 2, y: (lo[1] + hi[1]) / 2, z: (lo[2] + hi[2]) / 2, span, yaw: YAW, pitch: PITCH };
}

/** @param {Orbit} orbit @param {number} yaw radians to the right @param {number} pitch radians down @returns {Orbit} */
export function turn(orbit, yaw, pitch) {
  return { ...orbit, yaw: orbit.yaw + yaw, pitch: Math.min(Math.max(orbit.pitch + pitch, -Math.PI / 2), Math.PI / 2) };
}

/** Turns as if the points were held. @param {Orbit} orbit @param {Rect} rect @param {number} dx @param {number} dy pixels */
export function turnByPixels(orbit, rect, dx, dy) {
  const side = Math.max(1, Math.min(rect.width, rect.height));
  return turn(orbit, (TURN * dx) / side, (TURN * dy) / side);
}

/** Moves the point that the eye turns about. @param {Orbit} orbit @param {Rect} rect @param {number} dx @param {number} dy pixels @returns {Orbit} */
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
 * @param {Orbit} orbit @param {Rect} rect @param {number} factor above 1 comes nearer @param {number} px @param {number} py
 * @param {number} whole span of the unzoomed picture
 */
export function zoomOrbit(orbit, rect, factor, px, py, whole) {
  const span = Math.min(Math.max(orbit.span / factor, whole / MOST_ZOOM), whole / LEAST_ZOOM);
  const kept = 1 - orbit.span / span;
  const moved = panOrbit({ ...orbit, span }, rect, (px - rect.x - rect.width / 2) * kept, (py - rect.y - rect.height / 2) * kept);
  return { ...moved, span };
}

/**
 * The view of codes 0 … 1 that stand for `lo` … `hi`.
 * @param {Orbit} orbit @param {Rect} rect @param {ArrayLike<number>} lo @param {ArrayLike<number>} hi @returns {View}
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
  const scales = [(2 * side) / (orbit.span * rect.width), (2 * side) / (orbit.span * rect.height), 1 / (DEPTH * orbit.span)];
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
