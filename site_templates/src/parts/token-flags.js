/** The switches of what counts as a token: subwords joined to words, special tokens left out. */
import { el } from './element.js';

/** @import { Selection } from '../state/types.js' */
/** @import { Texts } from './document-texts.js' */
/** @import { Context } from './types.js' */

/**
 * Those that change something in a document.
 * @param {Context['state']} state @param {Selection} selection @param {Texts} texts
 */
export function tokenFlags(state, selection, { joinable, queries, keys }) {
  const special = [queries, keys].some((tokens) => tokens.special.includes(true));
  /** @param {'hide' | 'words'} name @param {string} text */
  const flag = (name, text) => {
    const box = el('input', { type: 'checkbox', checked: selection[name],
      onchange: () => state.set({ [name]: box.checked }, { push: false }) });
    return el('label', { class: 'chip check' }, box, text);
  };
  return [joinable && flag('words', 'Words merged'), special && flag('hide', 'Hide special tokens')];
}
