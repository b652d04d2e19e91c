/** The switches of what counts as a token: subwords joined to words, special tokens and sinks left out. */
import { canLeaveOut } from './left-out.js';
import { el } from './element.js';

/** @import { Selection } from '../state/types.js' */
/** @import { Texts } from './document-texts.js' */
/** @import { LeftOutKeys, createHideSwitch } from './left-out.js' */
/** @import { Context } from './types.js' */

/**
 * Those that change something in a document.
 * @param {Context['state']} state @param {Selection} selection @param {Texts} texts
 * @param {{hideSwitch: ReturnType<typeof createHideSwitch>, leftOut: LeftOutKeys}} hiding
 */
export function tokenFlags(state, selection, texts, { hideSwitch, leftOut }) {
  const box = el('input', { type: 'checkbox', checked: selection.words,
    onchange: () => state.set({ words: box.checked }, { push: false }) });
  hideSwitch.show(selection, canLeaveOut(leftOut, texts));
  return [texts.joinable && el('label', { class: 'chip check' }, box, 'Words merged'), hideSwitch.element];
}
