/**
 * Where points lie densest: lines around the smallest parts of a picture that hold a share of the points. Pure.
 * @import { Panel } from './types.js'
 */
import { makePlacer } from './project.js';

/** Pixels of a cell that points are counted in, and how far counts are spread, in cells: thrice a box of this reach. */
const CELL = 5;
const REACH = 2;

/**
 * @typedef {object} Density points in sight, counted in cells and spread
 * @property {Float32Array} values row by row, points a cell
 * @property {number} columns
 * @property {number} rows
 * @property {number} points
 */
/**
 * @typedef {object} Contour
 * @property {number} share of the points in sight that lie where it is at least as dense as on the line
 * @property {number} area so dense, in square pixels
 * @property {number[][]} paths x, y, x, y … of each line, in pixels from the panel's corner
 */

/** @param {Panel} panel @param {number} kind of the points @returns {Density} */
export function densityOf(panel, kind) {
  const { cloud, first, count, rect } = panel;
  const [columns, rows] = [Math.ceil(rect.width / CELL) + 1, Math.ceil(rect.height / CELL) + 1];
  const values = new Float32Array(columns * rows);
  const place = makePlacer(panel);
  const at = { x: 0, y: 0, near: 0 };
  let points = 0;
  for (let vertex = first; vertex < first + count; vertex++) {
    if (cloud.kinds[vertex] !== kind) continue;
    place(vertex, at);
    const [x, y] = [(at.x - rect.x) / CELL, (at.y - rect.y) / CELL];
    if (at.near < 0 || x < 0 || y < 0 || x >= columns - 1 || y >= rows - 1) continue;
    values[Math.round(y) * columns + Math.round(x)]++;
    points++;
  }
  for (let pass = 0; pass < 3; pass++) {
    for (let row = 0; row < rows; row++) blur(values, row * columns, columns, 1);
    for (let column = 0; column < columns; column++) blur(values, column, rows, columns);
  }
  return { values, columns, rows, points };
}

/**
 * The mean over a box, along one line of cells; nothing lies beyond its ends.
 * @param {Float32Array} values
 * @param {number} start
 * @param {number} length
 * @param {number} step
 */
function blur(values, start, length, step) {
  const line = new Float32Array(length);
  for (let i = 0; i < length; i++) line[i] = values[start + i * step];
  let sum = 0;
  for (let i = 0; i < Math.min(REACH, length); i++) sum += line[i];
  for (let i = 0; i < length; i++) {
    sum += line[i + REACH] ?? 0;
    values[start + i * step] = Math.max(0, sum / (2 * REACH + 1));
    sum -= line[i - REACH] ?? 0;
  }
}

/**
 * The line around the densest part that holds a share of the points.
 * @param {Density} density
 * @param {number} share 0 to 1
 * @returns {Contour}
 */
export function contourOf({ values, columns, rows }, share) {
  const sorted = values.filter((value) => value > 0).sort().reverse();
  const total = sorted.reduce((sum, value) => sum + value, 0);
  let cells = 0;
  for (let sum = 0; cells < sorted.length && sum < share * total; cells++) sum += sorted[cells];
  const level = sorted[Math.max(0, cells - 1)] ?? 0;
  /** @type {number[]} */
  const segments = [];
  if (level > 0) {
    for (let row = 0; row + 1 < rows; row++) {
      for (let column = 0; column + 1 < columns; column++) cross(values, columns, row, column, level, segments);
    }
  }
  return { share, area: cells * CELL ** 2, paths: join(segments) };
}

/**
 * The line through one square of four cells' middles (marching squares).
 * @param {Float32Array} values
 * @param {number} columns
 * @param {number} row
 * @param {number} column
 * @param {number} level
 * @param {number[]} segments to which it is added, in pixels
 */
function cross(values, columns, row, column, level, segments) {
  const at = row * columns + column;
  // The corners clockwise from the upper left.
  const corners = [values[at], values[at + 1], values[at + columns + 1], values[at + columns]];
  const inside = corners.map((value) => value >= level);
  if (inside.every((is) => is === inside[0])) return;
  const ends = [];
  for (let edge = 0; edge < 4; edge++) {
    const next = (edge + 1) % 4;
    if (inside[edge] === inside[next]) continue;
    const along = (level - corners[edge]) / (corners[next] - corners[edge]);
    const [x, y] = [[along, 0], [1, along], [1 - along, 1], [0, 1 - along]][edge];
    ends.push((column + x) * CELL, (row + y) * CELL);
  }
  // Where a cell is as dense as the line, the line may be but a point of a square.
  if (ends.length > 4 || ends[0] !== ends[2] || ends[1] !== ends[3]) segments.push(...ends);
}

/**
 * Lines out of their pieces, end to end.
 * @param {readonly number[]} segments x1, y1, x2, y2 of each
 * @returns {number[][]}
 */
function join(segments) {
  /** Pieces by each of their ends. @type {Map<number, number[]>} */
  const ends = new Map();
  /** @param {number} x @param {number} y */
  const key = (x, y) => Math.round(16 * x) * 2 ** 20 + Math.round(16 * y);
  for (let i = 0; i < segments.length; i += 2) {
    const end = key(segments[i], segments[i + 1]);
    ends.set(end, [...ends.get(end) ?? [], i >> 2]);
  }
  const used = new Uint8Array(segments.length / 4);
  /** Goes on from an end, as far as pieces follow. @param {number} x @param {number} y @returns {number[]} */
  const follow = (x, y) => {
    const path = [];
    for (;;) {
      const piece = ends.get(key(x, y))?.find((candidate) => !used[candidate]);
      if (piece === undefined) return path;
      used[piece] = 1;
      const [x1, y1, x2, y2] = segments.slice(4 * piece, 4 * piece + 4);
      [x, y] = key(x1, y1) === key(x, y) ? [x2, y2] : [x1, y1];
      path.push(x, y);
    }
  };
  const paths = [];
  for (let piece = 0; piece < used.length; piece++) {
    if (used[piece]) continue;
    used[piece] = 1;
    const [x1, y1, x2, y2] = segments.slice(4 * piece, 4 * piece + 4);
    const before = follow(x1, y1);
    // The way back from the first end, turned around, then the piece, then what follows.
    const reversed = [];
    for (let i = before.length - 2; i >= 0; i -= 2) reversed.push(before[i], before[i + 1]);
    paths.push([...reversed, x1, y1, x2, y2, ...follow(x2, y2)]);
  }
  return paths;
}
