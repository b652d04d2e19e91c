/** The switch of the links of composition. */
import { el } from '../../parts/element.js';

/** @import { Selection, State } from '../../state/types.js' */

const MEANING = 'Draws which heads the one in hand reads most, and which read it most: composition of their matrices.';

/** @param {State} state */
export function createLinkSwitch(state) {
  const box = el('input', {
    type: 'checkbox', onchange: () => state.set({ unlinked: !box.checked }, { push: false }),
  });
  const element = el('label', { class: 'chip check link-switch', hidden: true, 'data-tip': MEANING }, box, 'Links');
  return {
    element,
    /** @param {Selection} selection @param {boolean} offered whether it is known how heads are composed */
    show({ unlinked }, offered) {
      box.checked = !unlinked;
      element.hidden = !offered;
    },
  };
}
