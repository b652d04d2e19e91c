/** Pieces of a figure, put together. */
import { measure } from './ink.js';

/** @import { Figure, Mark } from './types.js' */

const MARGIN = 16;
const GAP = 10;
const FAMILY = 'Helvetica Neue, Helvetica, Arial, sans-serif';

/** Pieces below each other. @param {readonly (Figure | undefined | false)[]} pieces @returns {Figure} */
export function stack(...pieces) {
  const present = pieces.filter((piece) => piece !== undefined && piece !== false);
  let y = MARGIN;
  /** @type {Mark[]} */
  const marks = [];
  for (const piece of present) {
    marks.push({ type: 'group', x: MARGIN, y, marks: piece.marks });
    y += piece.height + GAP;
  }
  return { width: Math.max(...present.map(({ width }) => width)) + 2 * MARGIN, height: y - GAP + MARGIN, marks };
}

/** Pieces beside each other. @param {readonly Figure[]} pieces @returns {Figure} */
export function beside(...pieces) {
  let x = 0;
  /** @type {Mark[]} */
  const marks = [];
  for (const piece of pieces) {
    marks.push({ type: 'group', x, marks: piece.marks });
    x += piece.width + 2 * GAP;
  }
  return { width: x - 2 * GAP, height: Math.max(...pieces.map(({ height }) => height)), marks };
}

/**
 * Names with their colours, in a line.
 * @param {readonly {name: string, color: string, diamond?: boolean}[]} items
 * @param {string} ink
 * @returns {Figure}
 */
export function legend(items, ink) {
  let x = 5;
  /** @type {Mark[]} */
  const marks = [];
  for (const { name, color, diamond } of items) {
    marks.push({ type: diamond ? 'diamond' : 'dot', x, y: 8, radius: diamond ? 4 : 4.5, fill: color },
      { type: 'text', text: name, x: x + 10, y: 12, anchor: 'start', size: 12, weight: 400, fill: ink });
    x += 28 + measure(name, `12px ${FAMILY}`).width;
  }
  return { width: x, height: 16, marks };
}
