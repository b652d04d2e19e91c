/** The field that filters heads by name and statistic, and what is wrong with what was typed. */
import { el, fill } from '../../parts/element.js';

/** @import { Selection, State } from '../../state/types.js' */

/** Typing is followed after so long a pause. */
const PAUSE_MS = 150;
const FAULT = 'filter-fault';

/** @param {State} state */
export function createFilter(state) {
  let typing = 0;
  const field = el('input', {
    type: 'search', class: 'heads-filter', placeholder: 'L3, entropy > 2, previous > 50%',
    'aria-label': 'Filter heads by name or statistic',
    title: 'Names such as L3 or cross, and conditions on any statistic with >, <, ≥, ≤ or =; several with commas '
      + 'between. Shares as 0.5 or 50%.',
    'aria-describedby': FAULT, spellcheck: false, autocomplete: 'off', oninput: follow,
  });
  const fault = el('p', { class: 'filter-fault caution', id: FAULT, role: 'alert', hidden: true });

  function follow() {
    clearTimeout(typing);
    typing = setTimeout(() => state.set({ filter: field.value.trim() }, { push: false }), PAUSE_MS);
  }
  return {
    field,
    fault,
    /** @param {Selection} selection @param {readonly string[]} faults */
    show({ filter }, faults) {
      if (document.activeElement !== field) field.value = filter;
      fill(fault, faults.join(' '));
      fault.hidden = faults.length === 0;
    },
    /** Lets all heads through. */
    clear() {
      field.value = '';
      state.set({ filter: '', labels: '' }, { push: false });
      field.focus();
    },
  };
}
