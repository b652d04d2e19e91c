/**
 * Heads as points: by any two columns, or by how alike they attend. Pure.
 * @import { Head, HeadLayout, Model } from '../data/types.js'
 * @import { Selection } from './types.js'
 */
import { columnsOf } from './head-columns.js';

/** @typedef {{head: Head, x: number, y: number}} Point */
/**
 * @typedef {object} Points
 * @property {Point[]} points
 * @property {number} missing heads without a place
 * @property {HeadLayout} [layout] where heads stand by likeness
 */

/** The layout that a head's stack is in. @param {Model} model @param {Head | undefined} head */
export function layoutOf(model, head) {
  return (model.layouts ?? []).find(({ stacks }) => stacks.includes(head?.stack ?? '')) ?? model.layouts?.[0];
}

/**
 * Heads by likeness or by the two columns of a selection; those without a value have no point.
 * @param {Model} model
 * @param {readonly Head[]} heads all of the model's
 * @param {Pick<Selection, 'show' | 'head' | 'x' | 'y'>} selection
 * @returns {Points}
 */
export function placeHeads(model, heads, { show, head, x, y }) {
  if (show === 'likeness') {
    const layout = layoutOf(model, heads.find(({ id }) => id === head));
    const alike = heads.filter(({ stack }) => layout?.stacks.includes(stack));
    /** @param {0 | 1} k */
    const coordinate = (k) => (/** @type {Head} */ { position }) => position?.[k] ?? null;
    return { ...collect(alike, coordinate(0), coordinate(1)), layout };
  }
  const [across, up] = [x, y].map((name) => columnsOf(model).find((column) => column.name === name));
  return across && up ? collect(heads, across.value, up.value) : { points: [], missing: heads.length };
}

/**
 * @param {readonly Head[]} heads
 * @param {(head: Head) => number | null} across
 * @param {(head: Head) => number | null} up
 * @returns {Points}
 */
function collect(heads, across, up) {
  const points = heads.flatMap((head) => {
    const [x, y] = [across(head), up(head)];
    return x === null || y === null ? [] : [{ head, x, y }];
  });
  return { points, missing: heads.length - points.length };
}

/**
 * The ends of both axes, with a little room. With `equal`, one unit is as long on both: `aspect` is width over height.
 * @param {readonly Point[]} points
 * @param {boolean} equal
 * @param {number} aspect
 * @returns {{x: [number, number], y: [number, number]}}
 */
export function extentOf(points, equal, aspect) {
  const [x, y] = [range(points.map((point) => point.x)), range(points.map((point) => point.y))];
  if (!equal) return { x, y };
  const height = Math.max(y[1] - y[0], (x[1] - x[0]) / aspect);
  return { x: around(x, height * aspect), y: around(y, height) };
}

/** @param {readonly number[]} values @returns {[number, number]} */
function range(values) {
  if (values.length === 0) return [0, 1];
  const low = values.reduce((least, value) => Math.min(least, value));
  const high = values.reduce((most, value) => Math.max(most, value));
  const room = (high - low) * 0.05 || Math.abs(low) * 0.05 || 0.5;
  return [low - room, high + room];
}

/** @param {[number, number]} ends @param {number} size @returns {[number, number]} */
function around([low, high], size) {
  const middle = (low + high) / 2;
  return [middle - size / 2, middle + size / 2];
}

/**
 * The point one step on: arrow keys across go through all points by x, those up and down by y.
 * @param {readonly Point[]} points
 * @param {string} id
 * @param {[number, number]} step across and down
 * @returns {Point | undefined} undefined at the end
 */
export function nextPoint(points, id, [across, down]) {
  const axis = across === 0 ? 'y' : 'x';
  const ordered = [...points].sort((a, b) => a[axis] - b[axis]);
  const at = ordered.findIndex(({ head }) => head.id === id);
  return at < 0 ? ordered[0] : ordered[at + (across === 0 ? -down : across)];
}
