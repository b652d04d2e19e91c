/**
 * The two parts of a document: the texts of a pair, or a prompt and its completion. Which of them attention is shown
 * from, and which to.
 * @import { Selection } from '../state/types.js'
 * @import { Texts } from './document-texts.js'
 * @import { Context } from './types.js'
 */
import { choice } from './element.js';

const LETTERS = 'ab';

/** Whether a document has two parts. @param {Texts} texts */
export function hasParts({ queries, keys }) {
  return [queries, keys].some(({ segment }) => segment.includes(1));
}

/**
 * The part that queries and the part that keys are to be of; undefined: any.
 * @param {Selection['parts']} parts
 */
export function partsOf(parts) {
  const [query, key] = parts === 'all' ? [undefined, undefined] : [...parts].map((part) => LETTERS.indexOf(part));
  return { query, key };
}

/** "prompt to completion". @param {Texts} texts @param {Selection['parts']} parts */
export function partsInWords({ passages }, parts) {
  const names = passages.query.names ?? passages.key.names ?? ['A', 'B'];
  const { query, key } = partsOf(parts);
  return query === undefined || key === undefined ? '' : `${names[query]} to ${names[key]}`;
}

/**
 * @param {Context['state']} state @param {Selection} selection @param {Texts} texts
 * @param {string} label @param {string} all what is shown of no parts
 */
export function partChoice(state, selection, texts, label, all) {
  const values = /** @type {const} */ (['aa', 'ab', 'ba', 'bb']);
  const options = values.map((value) => ({ value, text: partsInWords(texts, value) }));
  return choice(label, [{ value: 'all', text: all }, ...options], selection.parts,
    (parts) => state.set({ parts: /** @type {Selection['parts']} */ (parts) }, { push: false }));
}
