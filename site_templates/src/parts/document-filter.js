/** Documents that have some words in title or text, looked through in turns, so that the page goes on answering. */

/** @import { Documents } from '../data/types.js' */

/**
 * @param {Documents} documents
 * @param {string} words in lower case; of none, all documents
 * @param {() => Promise<void> | undefined} breathe a rest now and then; rejects where nobody waits any more
 * @param {(matching: readonly number[], documents: number) => void} tell called at every rest with what there is so far
 * @returns {Promise<ArrayLike<number>>} in order
 */
export async function filterDocuments(documents, words, breathe, tell) {
  if (words === '') return Uint32Array.from({ length: documents.count }, (_, document) => document);
  /** @type {number[]} */
  const matching = [];
  for (let document = 0; document < documents.count; document++) {
    const rest = breathe();
    if (rest) {
      tell(matching, document);
      await rest;
    }
    if (has(documents, document, words)) matching.push(document);
  }
  return matching;
}

/** @param {Documents} documents @param {number} document @param {string} words */
function has(documents, document, words) {
  return documents.title(document).toLowerCase().includes(words)
    || (!documents.error(document) && documents.text(document).toLowerCase().includes(words));
}
