/** The rows and cells of the atlas, with their names, and the card of a head. */
import { headNumbers, mainStatistics } from '../../state/layout.js';
import { el } from '../element.js';
import { figure, figureInWords } from '../format.js';
import { beliefOf } from '../head/map-badge.js';
import { hasMap, whyNoMap } from '../head/mapless.js';
import { stackInWords, stackName } from '../stacks.js';

/** @import { Model } from '../../data/types.js' */
/** @import { Row } from '../../state/layout.js' */
/** @import { Context, Head } from '../types.js' */

/**
 * @param {Context} context @param {string} model @param {Row[]} rows
 * @param {Map<string, {cell: HTMLElement, bar: HTMLElement, head: Head}>} cells
 * @param {Map<string, HTMLElement>} headers
 */
export function makeRows(context, model, rows, cells, headers) {
  const numbers = headNumbers(rows);
  const top = el('div', { role: 'row', class: 'atlas-row atlas-heads' }, el('span', { role: 'columnheader', class: 'corner' }, el('span', { class: 'offscreen' }, 'Layer')));
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
      el('b', {}, stackName(stack)), found && el('span', { class: 'quiet' }, ` ${stackInWords(found, own[0].heads[0].stackInfo)}`));
    return el('div', { role: 'rowgroup', 'aria-label': stackName(stack) }, label, ...own.map(makeRow));
  })];
}

/**
 * @param {Context} context @param {string} model @param {Head} head @param {number} column
 * @param {Map<string, {cell: HTMLElement, bar: HTMLElement, head: Head}>} cells
 */
function makeCell({ report }, model, head, column, cells) {
  const found = report.model(model);
  const words = found ? mainStatistics(found, head).map((statistic) => figureInWords(statistic, head.statistics[statistic.name])) : [];
  const bar = el('span', { class: 'bar' });
  const holder = el('div', { role: 'gridcell', class: 'cell-holder', 'data-head': head.id, tabIndex: -1, 'aria-label': `${headInWords(head)}. ${words.join(', ')}` },
    el('span', { class: found && !hasMap(head, found.overview.map) ? 'cell mapless' : 'cell' }), el('span', { class: 'bar-track' }, bar));
  holder.style.gridColumn = String(column + 2);
  cells.set(head.id, { cell: holder, bar, head });
  return holder;
}

/** @param {Head} head */
export function headInWords(head) {
  return `${head.id.includes('.') ? `${stackName(head.stack).toLowerCase()}, ` : ''}layer ${head.layer}, head ${head.head}`;
}

/** How far the map in the cell may be believed. @param {Model} model @param {Head} head */
function believed(model, head) {
  const belief = beliefOf(model, head, model.overview.map);
  return belief ? el('p', { class: belief.doubtful ? 'caution' : 'quiet' }, belief.title) : null;
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
    hasMap(head, model.overview.map) ? believed(model, head) : el('p', { class: 'quiet' }, whyNoMap(model, head)),
  ];
}
