/** The rows and cells of the atlas, with their names. */
import { cardStatistics, headNumbers, layerRows, leadingPlaces, rowsWithGaps } from '../../state/layout.js';
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

/** @typedef {{holder: HTMLElement, bar: HTMLElement, head: Head, model: string}} Cell */
/** The rows of a stack. @typedef {{model: string, rows: readonly Row[]}} Block */

/** The stacks of models, one after another. @param {Context['report']} report @param {readonly string[]} models */
export function blocksOf(report, models) {
  return models.flatMap((model) => {
    const rows = layerRows(report.heads(model));
    return [...new Set(rows.map(({ stack }) => stack))]
      .map((stack) => ({ model, rows: rows.filter((row) => row.stack === stack) }));
  });
}

/**
 * @param {Context} context
 * @param {readonly Block[]} blocks
 * @param {Map<Head, Cell>} cells written into
 * @param {Map<string, HTMLElement>} headers written into, by `headerKeys`
 */
export function makeRows({ report }, blocks, cells, headers) {
  const several = new Set(blocks.map(({ model }) => model)).size > 1;
  return blocks.map(({ model: name, rows }) => {
    const model = report.model(name);
    const [{ stack, heads }] = rows;
    const numbers = headNumbers(rows);
    /** @param {Row} row */
    const makeRow = (row) => {
      const header = el('span', { role: 'rowheader', class: 'row-label' }, `L${row.layer}`);
      headers.set(headerKeys(name, row.heads[0])[1], header);
      return el('div', { role: 'row', class: 'atlas-row' }, header, ...row.heads.map((head) => {
        const cell = makeCell(model, head, numbers.indexOf(head.head));
        cells.set(head, { ...cell, model: name });
        return cell.holder;
      }));
    };
    const header = makeHeader(numbers, (number, element) => {
      headers.set(headerKeys(name, { ...heads[0], head: number })[0], element);
    });
    const label = blocks.length > 1 && makeStackLabel(model, heads[0], several);
    const group = el('div', { role: 'rowgroup', 'aria-label': several ? `${model?.title} ${stackName(stack)}`
      : stackName(stack) }, label, header,
    ...withGaps(model, rows).map((row) => ('heads' in row ? makeRow(row) : makeGap(row))));
    group.style.setProperty('--columns', String(numbers.length));
    return group;
  });
}

/** By what the names of a head's column and row are kept. @param {string} model @param {Head} head */
export function headerKeys(model, { stack, layer, head }) {
  return [`${model} column ${stack} ${head}`, `${model} row ${stack} ${layer}`];
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

/** @param {readonly number[]} numbers of the heads @param {(number: number, element: HTMLElement) => void} keep */
function makeHeader(numbers, keep) {
  return el('div', { role: 'row', class: 'atlas-row atlas-heads' },
    el('span', { role: 'columnheader', class: 'corner' }, el('span', { class: 'offscreen' }, 'Layer')),
    ...numbers.map((number) => {
      const header = el('span', { role: 'columnheader', class: 'column-label' }, `H${number}`);
      keep(number, header);
      return header;
    }));
}

/**
 * @param {Model | undefined} model @param {Head} head any of the stack
 * @param {boolean} several whether there are stacks of other models
 */
function makeStackLabel(model, { stack, stackInfo }, several) {
  const names = several && model ? [el('b', {}, el('bdi', {}, model.title)), ` ${stackName(stack)}`]
    : [el('b', {}, stackName(stack))];
  return el('div', { class: 'stack-label', role: 'presentation' }, ...names,
    model && el('span', { class: 'quiet' }, ` ${stackInWords(model, stackInfo)}`));
}

/** @param {Model | undefined} model @param {Head} head @param {number} column */
function makeCell(model, head, column) {
  const words = (model ? cardStatistics(model, head) : [])
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

/**
 * "First token" and "First token, awake" as "first", "Punctuation" as "punct.": what is left fits below a cell.
 * @param {string} title
 */
function shortPlace(title) {
  const name = title.replace(/, awake$/, '').replace(/ (token|position)$/, '').toLowerCase();
  return name.length > LONGEST_PLACE ? `${name.slice(0, ABBREVIATED)}.` : name;
}
