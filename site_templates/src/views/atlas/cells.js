/** The rows and cells of the atlas, with their names. */
import { headNumbers, leadingPlaces, mainStatistics, rowsWithGaps } from '../../state/layout.js';
import { el } from '../../parts/element.js';
import { headInWords } from '../../parts/head-card.js';
import { hasMap } from '../../parts/mapless.js';
import { figure, figureInWords } from '../../parts/numbers.js';
import { stackInWords, stackName } from '../../parts/stacks.js';

/** @import { Model } from '../../data/types.js' */
/** @import { Gap, Row } from '../../state/layout.js' */
/** @import { Context, Head } from '../../parts/types.js' */

/** Letters of a place's name below a cell, and of one that is longer. */
const LONGEST_PLACE = 10;
const ABBREVIATED = 5;

/** @typedef {{holder: HTMLElement, bar: HTMLElement, head: Head}} Cell */

/**
 * @param {Context} context
 * @param {string} modelName
 * @param {readonly Row[]} rows
 * @param {Map<string, Cell>} cells written into, by the head's id
 * @param {Map<string, HTMLElement>} headers written into, by "column encoder 3" and "row encoder 5"
 */
export function makeRows({ report }, modelName, rows, cells, headers) {
  const model = report.model(modelName);
  /** @param {Row} row @param {readonly number[]} numbers */
  const makeRow = (row, numbers) => {
    const header = el('span', { role: 'rowheader', class: 'row-label' }, `L${row.layer}`);
    headers.set(`row ${row.stack} ${row.layer}`, header);
    return el('div', { role: 'row', class: 'atlas-row' }, header, ...row.heads.map((head) => {
      const cell = makeCell(model, head, numbers.indexOf(head.head));
      cells.set(head.id, cell);
      return cell.holder;
    }));
  };
  const stacks = [...new Set(rows.map((row) => row.stack))];
  return stacks.map((stack) => {
    const stackRows = rows.filter((row) => row.stack === stack);
    const numbers = headNumbers(stackRows);
    const label = stacks.length > 1 && makeStackLabel(model, stackRows[0].heads[0]);
    const group = el('div', { role: 'rowgroup', 'aria-label': stackName(stack) }, label,
      makeHeader(stack, numbers, headers),
      ...withGaps(model, stackRows).map((row) => ('heads' in row ? makeRow(row, numbers) : makeGap(row))));
    group.style.setProperty('--columns', String(numbers.length));
    return group;
  });
}

/**
 * The rows of a stack with the layers between them that have no heads; of windows, whose layers stand in several
 * stacks, the rows alone.
 * @param {Model | undefined} model @param {readonly Row[]} rows
 * @returns {readonly (Row | Gap)[]}
 */
function withGaps(model, rows) {
  const { query_axis: axis, layers } = rows[0].heads[0].stackInfo;
  const windows = model?.axes.find(({ name }) => name === axis)?.places;
  return windows ? rows : rowsWithGaps(rows, layers);
}

/** Layers that have no heads here, at their place. @param {Gap} gap */
function makeGap({ first, last }) {
  return el('div', { role: 'row', class: 'atlas-gap' },
    el('span', { role: 'rowheader', class: 'gap-label' }, first === last ? `L${first}` : `L${first}–${last}`),
    el('span', { role: 'gridcell', class: 'gap-words' }, 'no softmax attention, or left out'));
}

/**
 * @param {string} stack @param {readonly number[]} numbers of the heads
 * @param {Map<string, HTMLElement>} headers written into
 */
function makeHeader(stack, numbers, headers) {
  return el('div', { role: 'row', class: 'atlas-row atlas-heads' },
    el('span', { role: 'columnheader', class: 'corner' }, el('span', { class: 'offscreen' }, 'Layer')),
    ...numbers.map((number) => {
      const header = el('span', { role: 'columnheader', class: 'column-label' }, `H${number}`);
      headers.set(`column ${stack} ${number}`, header);
      return header;
    }));
}

/** @param {Model | undefined} model @param {Head} head any of the stack */
function makeStackLabel(model, { stack, stackInfo }) {
  return el('div', { class: 'stack-label', role: 'presentation' }, el('b', {}, stackName(stack)),
    model && el('span', { class: 'quiet' }, ` ${stackInWords(model, stackInfo)}`));
}

/** @param {Model | undefined} model @param {Head} head @param {number} column @returns {Cell} */
function makeCell(model, head, column) {
  const words = (model ? mainStatistics(model, head) : [])
    .map((statistic) =>
      figureInWords(statistic, head.statistics[statistic.name], head.standard_errors?.[statistic.name]));
  const bar = el('span', { class: 'bar' });
  const holder = el('div', {
    role: 'gridcell', class: 'cell-holder', 'data-head': head.id, tabIndex: -1,
    'aria-label': `${headInWords(head)}. ${words.join(', ')}`,
  }, el('span', { class: model && !hasMap(head, model.overview.map) ? 'cell mapless' : 'cell' }),
  el('span', { class: 'bar-track' }, bar), ...(model ? placeLines(model, head) : []));
  holder.style.gridColumn = String(column + 2);
  return { holder, bar, head };
}

/** What the head attends to most, a line each. @param {Model} model @param {Head} head */
function placeLines(model, head) {
  return leadingPlaces(model, head).map(({ statistic: { title, unit }, share }) => el('span',
    { class: 'cell-line', 'aria-hidden': 'true' }, el('span', { class: 'cell-place' }, shortPlace(title)),
    figure(share, unit)));
}

/** "First token" as "first", "Punctuation" as "punct.": what is left fits below a cell. @param {string} title */
function shortPlace(title) {
  const name = title.replace(/ (token|position)$/, '').toLowerCase();
  return name.length > LONGEST_PLACE ? `${name.slice(0, ABBREVIATED)}.` : name;
}
