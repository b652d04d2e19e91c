/** A cell in both in words, and one query's keys in both, those that differ most first. */
import { el } from '../../parts/element.js';
import { percent } from '../../parts/numbers.js';
import { contentOf } from './sides.js';

/** @import { Cell } from '../../parts/matrix/surface.js' */
/** @import { Compared } from './sides.js' */

const LISTED = 12;

/** A difference in percentage points, with its sign. @param {number} difference */
export function points(difference) {
  const value = (100 * difference).toFixed(2);
  return Number(value) === 0 ? '0' : `${difference < 0 ? '−' : '+'}${value.replace('-', '')}`;
}

/**
 * @param {{query: string, titles: readonly [string, string], keyName: (key: number) => string}} names
 * @param {ArrayLike<number>} first shares by key @param {ArrayLike<number>} second
 */
export function rowTable({ query, titles, keyName }, first, second) {
  const difference = (/** @type {number} */ key) => (first[key] || 0) - (second[key] || 0);
  const keys = Array.from({ length: first.length }, (_, key) => key)
    .sort((a, b) => Math.abs(difference(b)) - Math.abs(difference(a)) || a - b).slice(0, LISTED);
  const rows = keys.map((key) => el('tr', { 'data-key': key }, el('th', { scope: 'row' }, el('bdi', {}, keyName(key))),
    ...[percent(first[key]), percent(second[key]), points(difference(key))]
      .map((text) => el('td', { class: 'number' }, text))));
  return el('table', { class: 'compared-row' },
    el('caption', {}, 'Where ', el('b', { class: 'query' }, query), ' looks: the largest differences, in % points'),
    el('thead', {}, el('tr', {}, ...['Key', ...titles, 'Difference'].map((name) => el('th', { scope: 'col' }, name)))),
    el('tbody', {}, ...rows));
}

/**
 * "tried → she: L2H9 12.3 %, L2H8 4.0 %, difference +8.30 points".
 * @param {{first: Compared, second: Compared, apart: string}} pair
 * @param {Cell} here of the first @param {Cell} there of the second
 */
export function cellInWords({ first, second, apart }, here, there) {
  const [a, b] = [first.row(here.row)[here.column], second.row(there.row)[there.column]];
  const names = (/** @type {Compared} */ side, /** @type {Cell} */ { row, column }) => {
    const { rowName, columnName } = contentOf(side);
    return `${rowName(row)} → ${columnName(column)}`;
  };
  const [left, right] = [`${first.title}: ${names(first, here)}`, `${second.title}: ${names(second, there)}`];
  if (apart) return `${left} ${percent(a)}; ${right} ${percent(b)}`;
  return `${names(first, here)}: ${first.title} ${percent(a)}, ${second.title} ${percent(b)}, difference `
    + `${points((a || 0) - (b || 0))} points`;
}
