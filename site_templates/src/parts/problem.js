/** What went wrong, said where it matters. */
import { DataError } from '../data/errors.js';
import { el } from './element.js';

/** @param {unknown} error @param {string} consequence what cannot be shown because of it */
export function problemCard(error, consequence) {
  const message = error instanceof Error ? error.message : String(error);
  const path = error instanceof DataError && !message.includes(error.path) ? error.path : '';
  return el('div', { class: 'problem', role: 'alert' },
    el('b', {}, consequence),
    el('p', {}, message),
    path && el('code', {}, path),
    el('p', { class: 'quiet' }, 'The rest of the report goes on.'));
}
