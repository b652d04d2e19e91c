/** The switches of the document view: special tokens hidden, subwords joined to words. */
import { el } from './element.js';

/** @import { Selection, State } from '../state/types.js' */
/** @import { Texts } from './document-texts.js' */

const JOINED = 'Subwords of one word are joined: attention to a word is the sum over its tokens, from a word the mean';

/** @param {State} state */
export function createControls(state) {
  const hide = el('input', { type: 'checkbox', onchange: () => state.set({ hide: hide.checked }, { push: false }) });
  const join = el('input', { type: 'checkbox', onchange: () => state.set({ words: join.checked }, { push: false }) });
  const joinChip = el('label', { class: 'chip check', hidden: true, 'data-tip': JOINED }, join, 'Words merged');
  const hideChip = el('label', { class: 'chip check', hidden: true }, hide, 'Hide special tokens');
  const element = el('div', { class: 'tools' }, joinChip, hideChip);
  return {
    element,
    /** @param {Selection} selection */
    show(selection) {
      hide.checked = selection.hide;
      join.checked = selection.words;
    },
    /** Offers what changes something: words where some have several tokens, hiding where there are special tokens. @param {Texts} texts */
    offer({ joinable, keys, queries }) {
      joinChip.hidden = !joinable;
      hideChip.hidden = ![keys, queries].some(({ special }) => special.includes(true));
    },
  };
}
