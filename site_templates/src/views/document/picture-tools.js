/** How a picture is read: how strongly shares lie over it, and how many arrows. */
import { MOST_ARROWS } from '../../state/link-keys.js';
import { el, fill } from '../../parts/element.js';

/** @import { Selection, State } from '../../state/types.js' */

const OVERLAY = 'At 100 % the picture is grey and pale, and shares stand out; at 0 % it is the picture alone, in its '
  + 'colours.';
const ARROWS = 'So many arrows lead from the token to what it looks at most, and to it from who looks at it most. '
  + 'The thicker, the larger the share.';
/** The slider's steps, in per cent. */
const STEP = 5;

/** @param {State} state @param {HTMLElement} player of a recording */
export function createPictureTools(state, player) {
  const overlay = el('input', {
    type: 'range', min: '0', max: '100', step: String(STEP), 'aria-label': 'Strength of the overlay',
    oninput: () => state.set({ overlay: overlay.valueAsNumber / 100 }, { push: false }),
  });
  const percent = el('span', { class: 'overlay-share' });
  const arrows = el('input', {
    class: 'share-number', type: 'number', min: '0', max: String(MOST_ARROWS), step: '1', 'aria-label': 'Arrows',
    onchange: () => {
      if (arrows.value !== '' && arrows.validity.valid) state.set({ arrows: arrows.valueAsNumber }, { push: false });
      else arrows.value = String(state.get().arrows);
    },
  });
  const element = el('div', { class: 'picture-tools', hidden: true }, player,
    el('label', { class: 'chip', 'data-tip': OVERLAY },
      el('span', { class: 'chip-label' }, 'Overlay'), overlay, percent),
    el('label', { class: 'chip', 'data-tip': ARROWS }, el('span', { class: 'chip-label' }, 'Arrows'), arrows));
  return {
    element,
    /** @param {boolean} pictured whether there are patches */
    offer(pictured) {
      element.hidden = !pictured;
    },
    /** @param {Selection} selection */
    show(selection) {
      overlay.value = String(Math.round(100 * selection.overlay));
      fill(percent, `${Math.round(100 * selection.overlay)} %`);
      if (document.activeElement !== arrows) arrows.value = String(selection.arrows);
    },
  };
}
