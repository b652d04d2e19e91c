/** Files that the page makes: their names, and how they are saved. */
import { csvLine } from '../../state/csv.js';

/** @import { Exhibit, Table } from '../../parts/figure/types.js' */
/** @import { Selection } from '../../state/types.js' */

/** How long a browser may take to fetch a file. */
const KEPT_MS = 60_000;
const MOST_HEADS = 3;
/** Lines that are written in one go. */
const LINES = 2000;

/**
 * "minilm-L5H3-doc12-matrix": the model, the heads where they are few, the document from 1, and the view.
 * @param {Selection} selection @param {Exhibit} exhibit @param {number} all heads there are
 */
export function fileName({ model, view }, { heads, document }, all) {
  const which = heads.length > MOST_HEADS || heads.length === all ? [] : heads.map(({ id }) => id);
  const where = document === undefined ? [] : [`doc${document + 1}`];
  return [model, ...which, ...where, view].join('-').replace(/[^\w.-]+/g, '-');
}

/** @param {Blob} blob @param {string} name */
export function save(blob, name) {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser takes the file in its own time.
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}

/** @param {Table} table */
export async function csvOf({ columns, rows }) {
  const parts = [csvLine(columns)];
  /** @type {string[]} */
  let lines = [];
  for await (const row of rows()) {
    lines.push(csvLine(row));
    if (lines.length < LINES) continue;
    parts.push(lines.join(''));
    lines = [];
    await new Promise((resolve) => { setTimeout(resolve); });
  }
  return new Blob([...parts, ...lines], { type: 'text/csv;charset=utf-8' });
}
