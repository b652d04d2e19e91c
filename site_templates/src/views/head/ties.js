/** How many lines lead from the selected point, and from which share of attention on. */
import { MOST_SHARE, MOST_TIES } from '../../state/link-keys.js';
import { el } from '../../parts/element.js';

/** @import { Selection } from '../../state/types.js' */
/** @import { Context } from '../../parts/types.js' */

/** @param {Pick<Context, 'state'>} context */
export function createTies({ state }) {
  const number = field({ min: '1', max: String(MOST_TIES), step: '1', 'aria-label': 'Most lines' },
    (value) => state.set({ ties: Math.min(Math.max(Math.round(value), 1), MOST_TIES) }, { push: false }));
  const percent = field(
    { min: '0', max: String(100 * MOST_SHARE), step: '0.5', 'aria-label': 'Least share, in per cent' }, (value) => {
      const share = Math.min(Math.max(value / 100, 0), MOST_SHARE);
      state.set({ least: Number(share.toPrecision(6)) }, { push: false });
    });
  const element = el('div', { class: 'ties', role: 'group', 'aria-label': 'Lines of attention', hidden: true },
    el('label', { class: 'chip' }, el('span', { class: 'chip-label' }, 'Lines'), number),
    el('label', { class: 'chip' }, el('span', { class: 'chip-label' }, 'from'), percent,
      el('span', { class: 'chip-label' }, '%')));
  return {
    element,
    /** @param {Selection} selection */
    show({ token, ties, least }) {
      element.hidden = token === null;
      // What is being typed stays as it is typed.
      if (number.valueAsNumber !== ties) number.value = String(ties);
      if (percent.valueAsNumber / 100 !== least) percent.value = String(Number((100 * least).toPrecision(6)));
    },
  };
}

/** @param {Record<string, string>} props @param {(value: number) => void} onChange */
function field(props, onChange) {
  const input = el('input', {
    class: 'period', type: 'number', ...props,
    onchange: () => void (Number.isNaN(input.valueAsNumber) || onChange(input.valueAsNumber)),
  });
  return input;
}
