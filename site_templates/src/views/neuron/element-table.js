/** The channels of a pair with their numbers. */
import { el } from '../../parts/element.js';
import { real } from '../../parts/numbers.js';

/** @import { Pair } from './pair.js' */

/** @param {Pair} pair */
export function elementTable({ q, k, terms, order }) {
  const rows = order.map((channel) => el('tr', {}, el('th', { scope: 'row' }, String(channel)),
    ...[q, k, terms.products].map((values) => el('td', { class: 'number' }, real(values[channel])))));
  return el('table', { class: 'elements' },
    el('thead', {}, el('tr', {}, ...['Channel', 'q', 'k', 'q × k'].map((name) => el('th', { scope: 'col' }, name)))),
    el('tbody', {}, ...rows));
}
