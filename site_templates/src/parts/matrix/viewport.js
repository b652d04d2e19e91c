/** The part of a matrix that is in sight. Pure. */

/** Pixels of a cell at most. */
const MOST_SCALE = 48;
/** At first a handful of tokens makes no large squares. */
const FIRST_SCALE = 26;

/**
 * @typedef {{x: number, y: number, scale: number}} Viewport the column and row at the top left corner, in cells and
 *   parts of cells, and the pixels of a cell
 */
/** @typedef {{rows: number, columns: number}} Extent */
/** @typedef {{width: number, height: number}} Room in pixels */

/** All of the matrix. @param {Extent} extent @param {Room} room @returns {Viewport} */
export function fitViewport({ rows, columns }, { width, height }) {
  return { x: 0, y: 0, scale: Math.min(width / Math.max(columns, 1), height / Math.max(rows, 1), FIRST_SCALE) };
}

/**
 * Zooms about a pixel: the cell under it stays there.
 * @param {Viewport} viewport @param {number} factor @param {number} px @param {number} py
 * @param {Extent} extent @param {Room} room
 */
export function zoomViewport({ x, y, scale }, factor, px, py, extent, room) {
  const next = Math.min(Math.max(scale * factor, fitViewport(extent, room).scale), MOST_SCALE);
  return boundViewport({ x: x + px / scale - px / next, y: y + py / scale - py / next, scale: next }, extent, room);
}

/**
 * The pixel that keys zoom about: the middle of the cell that is read where it is in sight, so that it stays there;
 * else the middle of the room.
 * @param {Viewport} viewport @param {{row: number, column: number} | undefined} cell @param {Room} room
 */
export function zoomPoint({ x, y, scale }, cell, { width, height }) {
  const middle = { x: width / 2, y: height / 2 };
  if (!cell) return middle;
  const at = { x: (cell.column + 0.5 - x) * scale, y: (cell.row + 0.5 - y) * scale };
  return at.x >= 0 && at.y >= 0 && at.x <= width && at.y <= height ? at : middle;
}

/** @param {Viewport} viewport @param {number} dx pixels to the right @param {number} dy @param {Extent} extent
 * @param {Room} room */
export function panViewport({ x, y, scale }, dx, dy, extent, room) {
  return boundViewport({ x: x - dx / scale, y: y - dy / scale, scale }, extent, room);
}

/** Nothing beyond the matrix is in sight, as far as it fills the room.
 * @param {Viewport} viewport @param {Extent} extent @param {Room} room @returns {Viewport} */
export function boundViewport({ x, y, scale }, { rows, columns }, { width, height }) {
  const bound = (/** @type {number} */ at, /** @type {number} */ count, /** @type {number} */ pixels) => (
    Math.min(Math.max(at, 0), Math.max(0, count - pixels / scale)));
  return { x: bound(x, columns, width), y: bound(y, rows, height), scale };
}

/** Moves as little as it takes to see a cell. @param {Viewport} viewport @param {{row: number, column: number}} cell
 * @param {Extent} extent @param {Room} room */
export function revealCell({ x, y, scale }, { row, column }, extent, room) {
  const near = (/** @type {number} */ at, /** @type {number} */ cell, /** @type {number} */ pixels) => (
    cell < at ? cell : cell + 1 > at + pixels / scale ? cell + 1 - pixels / scale : at);
  return boundViewport({ x: near(x, column, room.width), y: near(y, row, room.height), scale }, extent, room);
}

/** The rows and columns of which any part is in sight. @param {Viewport} viewport @param {Extent} extent
 * @param {Room} room */
export function inSight({ x, y, scale }, { rows, columns }, { width, height }) {
  return {
    firstRow: Math.floor(y), endRow: Math.min(rows, Math.ceil(y + height / scale)),
    firstColumn: Math.floor(x), endColumn: Math.min(columns, Math.ceil(x + width / scale)),
  };
}

/** @param {Viewport} viewport @param {number} px @param {number} py @param {Extent} extent */
export function cellAt({ x, y, scale }, px, py, { rows, columns }) {
  const [row, column] = [Math.floor(y + py / scale), Math.floor(x + px / scale)];
  return row >= 0 && column >= 0 && row < rows && column < columns ? { row, column } : undefined;
}
