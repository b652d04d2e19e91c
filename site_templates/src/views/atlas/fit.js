/** How large the atlas's cells are in the room that there is. Pure. */
import { headNumbers } from '../../state/layout.js';

/** @import { Row } from '../../state/layout.js' */

/** Width of the layers' names and of the gap between cells: roomy, and dense where cells are small. */
const ROOMY = { label: 34, gap: 6 };
const DENSE = { label: 25, gap: 3 };
const DENSE_BELOW = 44;
/** Bar and space below a cell. */
const BELOW = 7;
/** Height of a line of words below the bar, and the narrowest cell that has room for one. */
const LINE = 13;
const MOST_LINES = 2;
const WORDED_CELL = 64;
/** Space between two rows. */
const LEAST_ROW_GAP = 6;
const MOST_ROW_GAP = 26;
/** Height of the columns' names and of a stack's name. */
const COLUMN_LABEL = 40;
const STACK_LABEL = 34;
const LEAST_CELL = 24;
const MOST_CELL = 136;
/** Of a cell's side, for points outside its view. */
const RIM = 0.06;
const LEAST_RIM = 2;
/** Below this a whole model is no longer fitted into the window's height: it scrolls. */
const FITTED_CELL = 58;

/** Stacks stand side by side where their cells are not smaller than this. */
const LEAST_TOGETHER = 34;
/** Between stacks that stand side by side, see atlas.css. */
const BESIDE = 28;

/**
 * Measures of the atlas, in CSS pixels.
 * @typedef {object} Fit
 * @property {number} across stacks side by side
 * @property {number} label
 * @property {number} gap
 * @property {number} cell
 * @property {number} rim
 * @property {number} rowGap
 * @property {number} lines
 * @property {boolean} dense
 */

/**
 * Stacks stand one below another, or side by side where that shows all of them at once.
 * @param {readonly (readonly Row[])[]} blocks the rows of each stack
 * @param {{width: number, height: number}} room
 * @returns {Fit}
 */
export function fitCells(blocks, room) {
  const stacks = blocks.map((rows) => ({ rows: rows.length, columns: headNumbers(rows).length }));
  const [below, ...beside] = stacks.map((_, i) => fitLines(linesOf(stacks, i + 1), room));
  return [below, ...beside].filter(({ fits, cell }) => fits && cell >= LEAST_TOGETHER)
    .reduce((best, next) => (next.cell > best.cell || !best.fits ? next : best), below);
}

/** @typedef {{rows: number, columns: number}} Block a stack */

/** So many stacks in a line. @param {readonly Block[]} stacks @param {number} across */
function linesOf(stacks, across) {
  return Array.from({ length: Math.ceil(stacks.length / across) },
    (_, line) => stacks.slice(line * across, (line + 1) * across));
}

/**
 * @param {readonly (readonly Block[])[]} stackLines stacks side by side, line below line
 * @param {{width: number, height: number}} room
 */
function fitLines(stackLines, room) {
  const across = stackLines[0].length;
  const several = across > 1 || stackLines.length > 1;
  // In each place of a line stands the widest of the stacks below one another.
  const columns = stackLines[0].reduce((sum, _, place) => (
    sum + Math.max(...stackLines.map((line) => line[place]?.columns ?? 0))), 0);
  const rows = stackLines.reduce((sum, line) => sum + Math.max(...line.map((block) => block.rows)), 0);
  const headers = several ? stackLines.length * (COLUMN_LABEL + STACK_LABEL) : COLUMN_LABEL;
  const [width, height] = [room.width - (across - 1) * BESIDE, room.height - headers];
  const dense = (width - across * ROOMY.label) / columns - ROOMY.gap < DENSE_BELOW;
  const { label, gap } = dense ? DENSE : ROOMY;

  // As wide as the columns allow, and no higher than the rows allow, unless that were too small to see.
  const byWidth = (width - across * label) / columns - gap;
  const byHeight = (height - rows * (BELOW + LEAST_ROW_GAP)) / rows;
  const cell = Math.floor(clamp(Math.min(byWidth, Math.max(byHeight, FITTED_CELL)), LEAST_CELL, MOST_CELL));
  // What height is left over goes to words below the cells, then between the rows.
  const spare = height / rows - cell - BELOW;
  const lines = cell < WORDED_CELL ? 0 : clamp(Math.floor((spare - LEAST_ROW_GAP) / LINE), 0, MOST_LINES);
  const rowGap = clamp(spare - lines * LINE, LEAST_ROW_GAP, MOST_ROW_GAP);
  const rim = Math.max(LEAST_RIM, Math.round(RIM * cell));
  return { across, label, gap, cell, rim, rowGap, lines, dense, fits: spare >= LEAST_ROW_GAP && cell <= byWidth };
}

/** @param {number} value @param {number} least @param {number} most */
function clamp(value, least, most) {
  return Math.min(Math.max(value, least), most);
}
