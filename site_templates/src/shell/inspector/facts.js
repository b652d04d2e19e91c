/** A fact of a list of them: a name and what is so, or nothing where nothing is known. */
import { el } from '../../parts/element.js';

/** @param {string} name @param {string | Node | null | undefined} value */
export function fact(name, value) {
  return value === null || value === undefined ? [] : [el('dt', {}, name), el('dd', {}, value)];
}
