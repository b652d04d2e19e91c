/** The lines themselves: which are drawn, how strong, and onto a canvas. */
import { cssColor } from '../../draw/color.js';

/** @import { Rgb } from '../../draw/types.js' */
/** @import { Placed } from './columns.js' */

/** Weights below are not drawn. */
export const LEAST = 0.01;
/** Levels of opacity: strokes of one level are drawn in one go. */
const LEVELS = 24;
/** Even the weakest line is seen. */
const LEAST_ALPHA = 0.05;

/** @typedef {{from: number, to: number, weight: number}} Stroke heights of a line's ends, in pixels */

/**
 * The lines of queries in sight.
 * @param {readonly Placed[]} queries
 * @param {ReadonlyMap<number, number>} keys heights by token; those that are not shown have none
 * @param {(query: number) => ArrayLike<number>} row weights by key
 * @returns {Stroke[]}
 */
export function strokesFrom(queries, keys, row) {
  return queries.flatMap(({ token, y }) => {
    const weights = row(token);
    /** @type {Stroke[]} */
    const strokes = [];
    for (const [key, to] of keys) if (weights[key] >= LEAST) strokes.push({ from: y, to, weight: weights[key] });
    return strokes;
  });
}

/**
 * The lines that come in at a key.
 * @param {number} y of the key
 * @param {ReadonlyMap<number, number>} queries heights by token
 * @param {ArrayLike<number>} column weights by query
 * @returns {Stroke[]}
 */
export function strokesTo(y, queries, column) {
  /** @type {Stroke[]} */
  const strokes = [];
  for (const [query, from] of queries) {
    if (column[query] >= LEAST) strokes.push({ from, to: y, weight: column[query] });
  }
  return strokes;
}

/**
 * @param {CanvasRenderingContext2D} ink in CSS pixels
 * @param {readonly Stroke[]} strokes
 * @param {Rgb} color
 * @param {{left: number, right: number}} room
 */
export function drawStrokes(ink, strokes, color, { left, right }) {
  /** @type {Stroke[][]} */
  const levels = Array.from({ length: LEVELS + 1 }, () => []);
  for (const stroke of strokes) levels[Math.ceil(Math.min(1, stroke.weight) * LEVELS)].push(stroke);
  ink.strokeStyle = cssColor(color);
  ink.lineWidth = 2;
  levels.forEach((level, i) => {
    if (level.length === 0) return;
    ink.globalAlpha = Math.max(LEAST_ALPHA, i / LEVELS);
    ink.beginPath();
    for (const { from, to } of level) {
      ink.moveTo(left, from);
      ink.lineTo(right, to);
    }
    ink.stroke();
  });
  ink.globalAlpha = 1;
}
