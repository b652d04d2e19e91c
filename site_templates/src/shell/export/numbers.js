/** The numbers behind a picture as a table on the page, for whoever reads them in place of the picture. */
import { el, fill, icon } from '../../parts/element.js';
import { count, plural } from '../../parts/numbers.js';

/** @import { Exhibit, TableRow } from '../../parts/figure/types.js' */

/** Rows that are shown at once. */
const PORTION = 200;
const DIGITS = 4;

export function createNumbers() {
  const title = el('h2', {});
  const words = el('p', { class: 'quiet' });
  const body = el('tbody', {});
  const head = el('thead', {});
  const note = el('p', { class: 'quiet', role: 'status' });
  const more = el('button', { type: 'button', class: 'tool' });
  const frame = el('div', { class: 'numbers-frame', tabIndex: 0, role: 'region', 'aria-label': 'Numbers' },
    el('table', {}, head, body));
  const dialog = el('dialog', { class: 'sheet numbers', 'aria-label': 'Numbers of what is shown' },
    el('header', {}, title, el('button', { type: 'button', class: 'tool square', 'aria-label': 'Close',
      onclick: () => dialog.close() }, icon('close'))), words, frame, el('footer', {}, note, more));
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });

  /** @param {Exhibit} exhibit */
  async function show(exhibit) {
    const table = exhibit.table?.();
    fill(title, 'Numbers of what is shown');
    fill(words, exhibit.words);
    fill(head, table ? el('tr', {}, ...table.columns.map((name) => el('th', { scope: 'col' }, name))) : '');
    fill(body);
    frame.hidden = !table;
    more.hidden = true;
    fill(note, table ? '' : exhibit.noTable ?? 'What is shown here has no numbers.');
    if (!dialog.open) dialog.showModal();
    if (!table) return;
    const rows = portions(table.rows());
    const add = async () => {
      const next = await rows();
      body.append(...next.map(rowOf));
      next[0]?.forEach((value, column) => {
        head.rows[0].cells[column].classList.toggle('number', typeof value === 'number');
      });
      const { length } = body.children;
      const part = length < table.count ? `${count(length)} of ` : '';
      fill(note, `${part}${plural(table.count, 'row')}, to ${DIGITS} digits; the CSV has all.`);
      more.hidden = next.length < PORTION || length >= table.count;
      fill(more, `Show ${count(Math.min(PORTION, table.count - length))} more`);
    };
    more.onclick = () => void add();
    await add();
    frame.focus();
  }

  return { dialog, show };
}

/**
 * Gives the next rows at each call; none once there are no more.
 * @param {Iterable<TableRow> | AsyncIterable<TableRow>} rows
 */
function portions(rows) {
  const iterator = Symbol.asyncIterator in rows ? rows[Symbol.asyncIterator]() : rows[Symbol.iterator]();
  return async () => {
    /** @type {TableRow[]} */
    const portion = [];
    while (portion.length < PORTION) {
      const { value, done } = await iterator.next();
      if (done) break;
      portion.push(value);
    }
    return portion;
  };
}

/** The first cell names the row. @param {TableRow} row */
function rowOf(row) {
  return el('tr', {}, ...row.map((value, column) => {
    const number = typeof value === 'number';
    return el(column === 0 ? 'th' : 'td', { scope: column === 0 ? 'row' : null, class: number ? 'number' : null },
      value === null || Number.isNaN(value) ? '' : number ? written(value) : value);
  }));
}

/** @param {number} value */
function written(value) {
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(DIGITS)));
}
