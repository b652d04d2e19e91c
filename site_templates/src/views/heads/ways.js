/** Table, points by two statistics, or points by likeness: how heads are shown. */
import { el } from '../../parts/element.js';

/** @import { Model } from '../../data/types.js' */
/** @import { Selection, State } from '../../state/types.js' */

/** @type {readonly {value: Selection['show'], text: string, tip: string}[]} */
const WAYS = [
  { value: 'table', text: 'Table', tip: 'A row each' },
  { value: 'points', text: 'Points', tip: 'Any statistic against any other' },
  { value: 'likeness', text: 'Likeness', tip: 'Heads that attend alike stand near each other' },
];

/** @param {State} state */
export function createWays(state) {
  const buttons = WAYS.map(({ value, text, tip }) => el('button',
    { type: 'button', class: 'segment', 'data-show': value, 'data-tip': tip,
      onclick: () => state.set({ show: value }, { push: false }) }, text));
  return {
    element: el('div', { class: 'segments', role: 'group', 'aria-label': 'Show heads as' }, ...buttons),
    /** @param {Model} model @param {Selection} selection */
    show(model, { show }) {
      for (const button of buttons) {
        button.setAttribute('aria-pressed', String(button.dataset.show === show));
        button.hidden = button.dataset.show === 'likeness' && (model.layouts ?? []).length === 0 && show !== 'likeness';
      }
    },
  };
}
