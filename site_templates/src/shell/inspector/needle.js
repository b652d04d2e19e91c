/** What a head copies from long texts: a row of numbers for each depth at which the needle stood. */
import { el } from '../../parts/element.js';
import { figure, roughPercent } from '../../parts/numbers.js';

/** @import { Head } from '../../parts/types.js' */

const MEANING = 'Long texts whose end says again what stands at this depth: attention on the token to copy, how often '
  + 'that has the largest attention, and attention on the same places where the end says what stands nowhere.';

/** @param {Head} head */
export function needleTable({ needle = [] }) {
  if (needle.length === 0) return null;
  const head = ['Depth', 'Retrieval', 'Strongest', 'Control'];
  return el('div', { class: 'figures needle-depths', 'data-tip': MEANING },
    el('h3', {}, 'Copying from a long text, by depth'),
    el('table', { class: 'steps-table' },
      el('thead', {}, el('tr', {}, ...head.map((title) => el('th', { scope: 'col' }, title)))),
      el('tbody', {}, ...needle.map(({ depth, retrieval, strongest, control }) => el('tr', {},
        el('th', { scope: 'row' }, roughPercent(depth)),
        ...[retrieval, strongest, control].map((value) =>
          el('td', { class: 'number' }, figure(value, 'share'))))))));
}
