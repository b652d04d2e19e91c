/** The cells of the table of heads: plain rows, made once for a set of columns, so that sorting only moves them. */
import { barOf, scaleOf } from '../../state/head-columns.js';
import { isShare } from '../../state/layout.js';
import { readSort } from '../../state/heads-order.js';
import { el, icon } from '../../parts/element.js';
import { figure, percent, rounded } from '../../parts/numbers.js';
import { leadingMarks } from '../../parts/label-marks.js';
import { stackName } from '../../parts/stacks.js';
import { percentagePoints } from '../../parts/truth.js';

/** @import { Model } from '../../data/types.js' */
/** @import { Column } from '../../state/head-columns.js' */
/** @import { Head } from '../../parts/types.js' */

/** @typedef {{row: HTMLTableRowElement, links: HTMLAnchorElement[]}} HeadRow */

/** A cell has no room for words. @param {Column} column @param {number | null} value */
function cellText({ unit }, value) {
  if (value === null) return '–';
  return (isShare(unit) ? percent(value).replace('under\u202f', '< ') : figure(value, unit)).replace(/^-/, '−');
}

/**
 * One row a head, in the order given.
 * @param {Model} model @param {readonly Head[]} heads all of the model's @param {readonly Column[]} columns
 * @returns {Map<string, HeadRow>}
 */
export function makeRows(model, heads, columns) {
  const scales = columns.map((column) => scaleOf(column, heads));
  const several = model.stacks.length > 1;
  return new Map(heads.map((head) => {
    const links = makeLinks(model, head);
    const row = el('tr', { 'data-head': head.id },
      el('th', { scope: 'row' }, el('span', { class: 'head-cell' }, ...links)),
      several && el('td', { class: 'text' }, stackName(head.stack)),
      el('td', { class: 'text' }, ...leadingMarks(model, head)),
      ...columns.map((column, i) => makeCell(column, head, scales[i])));
    return [head.id, { row, links }];
  }));
}

/** To the head's map, and to the document that is read. @param {Model} model @param {Head} head */
function makeLinks(model, head) {
  const at = new URLSearchParams({ model: model.name, head: head.id });
  return [
    el('a', { class: 'head-link', href: `#${at}&view=head`, 'data-view': 'head', tabIndex: -1,
      title: `Map of ${head.id}` }, head.id),
    el('a', { class: 'document-link', href: `#${at}&view=document`, 'data-view': 'document', tabIndex: -1,
      'aria-label': `${head.id} in a document`, title: `${head.id} in a document` }, icon('text')),
  ];
}

/** How far a value of a sample may be off; '' where it is exact. @param {Column} column @param {Head} head */
export function errorInWords(column, head) {
  const error = column.error?.(head) ?? null;
  if (column.open?.(head)) return 'Of a sample of queries: the largest that was measured.';
  if (error === null) return '';
  const off = isShare(column.unit) ? `${percentagePoints(error)} percentage points` : rounded(error);
  return `Of a sample of ${column.sample ?? 'queries'}: standard error ${off}.`;
}

/** @param {Column} column @param {Head} head @param {[number, number]} scale */
function makeCell(column, head, scale) {
  const value = column.value(head);
  const cell = document.createElement('td');
  cell.textContent = cellText(column, value);
  if (value === null) cell.className = 'undefined';
  else {
    const [from, to] = barOf(value, scale);
    cell.style.setProperty('--from', `${(100 * from).toFixed(1)}%`);
    cell.style.setProperty('--to', `${(100 * to).toFixed(1)}%`);
    const error = errorInWords(column, head);
    if (error) cell.dataset.tip = error;
  }
  return cell;
}

/**
 * The headings: each is a button that sorts.
 * @param {Model} model @param {readonly Column[]} columns @param {(name: string, largest: boolean) => void} onSort
 */
export function makeHeadings(model, columns, onSort) {
  const texts = [
    { name: 'head', title: 'Head', unit: '', description: 'Layer and number of the head, both counted from zero.' },
    ...model.stacks.length > 1
      ? [{ name: 'stack', title: 'Stack', unit: '', description: 'Which of the model’s stacks the head is in.' }] : [],
    { name: 'labels', title: 'Labels', unit: '',
      description: 'What the head does on this corpus besides resting on special tokens and sinks, by measured scores '
        + 'and fixed thresholds; most have none. Beside it how much of its attention rests.' },
  ];
  /** @param {{name: string, title: string, unit: string, description: string}} column @param {boolean} number */
  const heading = ({ name, title, unit, description }, number) => {
    const button = el('button',
      { type: 'button', onclick: () => onSort(name, number),
        'data-tip': [description, unit && !isShare(unit) && `In ${unit}.`].filter(Boolean).join(' ') },
      el('span', {}, title), icon('down'));
    return el('th', { scope: 'col', 'data-column': name, class: number ? 'number' : 'text' }, button);
  };
  return [...texts.map((text) => heading(text, false)), ...columns.map((column) => heading(column, true))];
}

/** Says at each heading how the table is sorted. @param {readonly HTMLElement[]} headings @param {string} sort */
export function markSort(headings, sort) {
  const { name, down } = readSort(sort);
  for (const heading of headings) {
    if (heading.dataset.column === name) heading.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    else heading.removeAttribute('aria-sort');
  }
}
