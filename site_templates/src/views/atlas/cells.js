/** The rows and cells of the atlas, with their names. */
import { headNumbers, mainStatistics } from '../../state/layout.js';
import { el } from '../../parts/element.js';
import { headInWords } from '../../parts/head-card.js';
import { hasMap } from '../../parts/mapless.js';
import { figureInWords } from '../../parts/numbers.js';
import { stackInWords, stackName } from '../../parts/stacks.js';

/** @import { Row } from '../../state/layout.js' */
/** @import { Context, Head } from '../../parts/types.js' */

/**
 * @param {Context} context @param {string} model @param {Row[]} rows
 * @param {Map<string, {cell: HTMLElement, bar: HTMLElement, head: Head}>} cells
 * @param {Map<string, HTMLElement>} headers
 */
export function makeRows(context, model, rows, cells, headers) {
  const numbers = headNumbers(rows);
  const top = el('div', { role: 'row', class: 'atlas-row atlas-heads' },
    el('span', { role: 'columnheader', class: 'corner' }, el('span', { class: 'offscreen' }, 'Layer')));
  for (const number of numbers) {
    const header = el('span', { role: 'columnheader', class: 'column-label' }, `H${number}`);
    headers.set(`column ${number}`, header);
    top.append(header);
  }
  const stacks = [...new Set(rows.map((row) => row.stack))];
  const found = context.report.model(model);
  /** @param {Row} row */
  const makeRow = (row) => {
    const header = el('span', { role: 'rowheader', class: 'row-label' }, `L${row.layer}`);
    headers.set(`row ${row.stack} ${row.layer}`, header);
    return el('div', { role: 'row', class: 'atlas-row' }, header,
      ...row.heads.map((head) => makeCell(context, model, head, numbers.indexOf(head.head), cells)));
  };
  return [top, ...stacks.map((stack) => {
    const own = rows.filter((row) => row.stack === stack);
    const label = stacks.length > 1 && el('div', { class: 'stack-label', role: 'presentation' },
      el('b', {}, stackName(stack)),
      found && el('span', { class: 'quiet' }, ` ${stackInWords(found, own[0].heads[0].stackInfo)}`));
    return el('div', { role: 'rowgroup', 'aria-label': stackName(stack) }, label, ...own.map(makeRow));
  })];
}

/**
 * @param {Context} context @param {string} model @param {Head} head @param {number} column
 * @param {Map<string, {cell: HTMLElement, bar: HTMLElement, head: Head}>} cells
 */
function makeCell({ report }, model, head, column, cells) {
  const found = report.model(model);
  const words = found
    ? mainStatistics(found, head).map((statistic) => figureInWords(statistic, head.statistics[statistic.name])) : [];
  const bar = el('span', { class: 'bar' });
  const holder = el('div',
    { role: 'gridcell', class: 'cell-holder', 'data-head': head.id, tabIndex: -1,
      'aria-label': `${headInWords(head)}. ${words.join(', ')}` },
    el('span', { class: found && !hasMap(head, found.overview.map) ? 'cell mapless' : 'cell' }),
    el('span', { class: 'bar-track' }, bar));
  holder.style.gridColumn = String(column + 2);
  cells.set(head.id, { cell: holder, bar, head });
  return holder;
}
