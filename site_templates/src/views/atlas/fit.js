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

/**
 * Measures of the atlas, in CSS pixels.
 * @param {readonly Row[]} rows of all stacks
 * @param {{width: number, height: number}} room
 */
export function fitCells(rows, room) {
  const columns = headNumbers(rows).length;
  const stacks = new Set(rows.map((row) => row.stack)).size;
  const height = room.height - COLUMN_LABEL - (stacks > 1 ? stacks * STACK_LABEL : 0);
  const dense = (room.width - ROOMY.label) / columns - ROOMY.gap < DENSE_BELOW;
  const { label, gap } = dense ? DENSE : ROOMY;

  // As wide as the columns allow, and no higher than the rows allow, unless that were too small to see.
  const byWidth = (room.width - label) / columns - gap;
  const byHeight = (height - rows.length * (BELOW + LEAST_ROW_GAP)) / rows.length;
  const cell = Math.floor(clamp(Math.min(byWidth, Math.max(byHeight, FITTED_CELL)), LEAST_CELL, MOST_CELL));
  // What height is left over goes to words below the cells, then between the rows.
  const spare = height / rows.length - cell - BELOW;
  const lines = cell < WORDED_CELL ? 0 : clamp(Math.floor((spare - LEAST_ROW_GAP) / LINE), 0, MOST_LINES);
  const rowGap = clamp(spare - lines * LINE, LEAST_ROW_GAP, MOST_ROW_GAP);
  return { columns, label, gap, cell, rim: Math.max(LEAST_RIM, Math.round(RIM * cell)), rowGap, lines, dense };
}

/** @param {number} value @param {number} least @param {number} most */
function clamp(value, least, most) {
  return Math.min(Math.max(value, least), most);
}
