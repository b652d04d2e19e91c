/**
 * What a head in a document is compared with, as a link spells it: "L3H4", "@12" for a document, "bert/L3H4", or all of
 * them, "bert/L3H4@12". What is not named is the selection's own. Pure.
 */

/** @typedef {{model: string, head: string, doc: number | null}} Place */

const SPELLING = /^(?:([\w.-]+)\/)?([\w.-]+)?(?:@(\d+))?$/;

/** @param {string} text @returns {{model?: string, head?: string, doc?: number} | undefined} undefined: not one */
export function readPartner(text) {
  const match = SPELLING.exec(text);
  if (!match || text === '') return undefined;
  const [, model, head, doc] = match;
  return { model, head, doc: doc === undefined ? undefined : Number(doc) };
}

/** @param {Place} place @param {Place} other the selection's own: what is the same is left out, unless all is */
export function writePartner({ model, head, doc }, other) {
  const text = [model === other.model ? '' : `${model}/`, head === other.head && model === other.model ? '' : head,
    doc === null || doc === other.doc ? '' : `@${doc}`].join('');
  return text || head;
}
