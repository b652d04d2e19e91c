/** The row and the column of the cell that is looked at. */
import { el } from '../element.js';

/** @import { Sight } from './picture.js' */

/** Pixels of a line, where cells are thinner. */
const LEAST = 2;

export function createCrosshair() {
  const row = el('span', { class: 'matrix-row', hidden: true });
  const column = el('span', { class: 'matrix-column', hidden: true });
  return {
    elements: [row, column],
    hide() {
      row.hidden = column.hidden = true;
    },
    /** @param {{row: number, column: number}} cell @param {Sight} sight */
    show(cell, { viewport: { x, y, scale }, extent: { rows, columns }, room: { width, height }, gutter }) {
      row.hidden = column.hidden = false;
      const top = Math.min(Math.max((cell.row - y) * scale, 0), height);
      const left = Math.min(Math.max((cell.column - x) * scale, 0), width);
      const thick = `${Math.max(LEAST, scale)}px`;
      Object.assign(row.style, { left: `${gutter.left}px`, top: `${gutter.top + top}px`, right: 'auto', height: thick,
        width: `${Math.min(width, (columns - x) * scale)}px` });
      Object.assign(column.style, { top: `${gutter.top}px`, left: `${gutter.left + left}px`, bottom: 'auto',
        width: thick, height: `${Math.min(height, (rows - y) * scale)}px` });
    },
  };
}
