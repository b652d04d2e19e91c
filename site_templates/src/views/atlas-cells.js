/** The rows and cells of the atlas, with their names, and the card of a head. */
import { mainStatistics } from '../state/layout.js';
import { el } from './element.js';
import { figure, figureInWords } from './format.js';

/** @import { Row } from '../state/layout.js' */
/** @import { Context, Head } from './types.js' */

/**
 * @param {Context} context @param {string} model @param {Row[]} rows
 * @param {Map<string, {cell: HTMLElement, bar: HTMLElement, head: Head}>} cells
 * @param {Map<string, HTMLElement>} headers
 */
export function makeRows(context, model, rows, cells, headers) {
  const columns = Math.max(0, ...rows.map((row) => row.heads.length));
  const top = el('div', { role: 'row', class: 'atlas-row atlas-heads' }, el('span', { role: 'columnheader', class: 'corner' }, el('span', { class: 'offscreen' }, 'Layer')));
  for (let i = 0; i < columns; i++) {
    const header = el('span', { role: 'columnheader', class: 'column-label' }, `H${i}`);
    headers.set(`column ${i}`, header);
    top.append(header);
  }
  const stacks = new Set(rows.map((row) => row.stack)).size;
  /** @type {Node[]} */
  const made = [top];
  rows.forEach((row, at) => {
    if (stacks > 1 && row.stack !== rows[at - 1]?.stack) made.push(el('div', { class: 'stack-label', role: 'presentation' }, row.stack));
    const header = el('span', { role: 'rowheader', class: 'row-label' }, `L${row.layer}`);
    headers.set(`row ${row.stack} ${row.layer}`, header);
    made.push(el('div', { role: 'row', class: 'atlas-row' }, header, ...row.heads.map((head) => makeCell(context, model, head, cells))));
  });
  return made;
}

/** @param {Context} context @param {string} model @param {Head} head @param {Map<string, {cell: HTMLElement, bar: HTMLElement, head: Head}>} cells */
function makeCell({ report }, model, head, cells) {
  const found = report.model(model);
  const words = found ? mainStatistics(found, head).map((statistic) => figureInWords(statistic, head.statistics[statistic.name])) : [];
  const bar = el('span', { class: 'bar' });
  const holder = el('div', { role: 'gridcell', class: 'cell-holder', 'data-head': head.id, tabIndex: -1, 'aria-label': `${headInWords(head)}. ${words.join(', ')}` },
    el('span', { class: 'cell' }), el('span', { class: 'bar-track' }, bar));
  cells.set(head.id, { cell: holder, bar, head });
  return holder;
}

/** @param {Head} head */
export function headInWords(head) {
  return `${head.id.includes('.') ? `${head.stack}, ` : ''}layer ${head.layer}, head ${head.head}`;
}

/** What the pointer sees of a head: its name and three figures. @param {Context} context @param {Head} head */
export function headCard({ report, state }, head) {
  const model = report.model(state.get().model);
  if (!model) return [head.id];
  return [
    el('b', { class: 'tooltip-title' }, head.id), el('span', { class: 'quiet' }, ` ${headInWords(head)}`),
    el('dl', { class: 'tooltip-figures' }, ...mainStatistics(model, head).flatMap((statistic) => [
      el('dt', {}, statistic.title),
      el('dd', {}, figure(head.statistics[statistic.name], statistic.unit), statistic.unit === 'share' ? '' : ` ${statistic.unit}`),
    ])),
  ];
}
