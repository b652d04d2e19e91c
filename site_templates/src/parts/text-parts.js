/**
 * The parts of a document: the texts of a pair, a prompt and its completion, or the turns of a conversation. Which of
 * them attention is shown from, and which to.
 * @import { Tokens } from '../data/types.js'
 * @import { Selection } from '../state/types.js'
 * @import { Texts } from './document-texts.js'
 * @import { Passage } from './passages.js'
 * @import { Context } from './types.js'
 */
import { PART_LETTERS } from '../state/link-keys.js';
import { choice } from './element.js';

/** The label of tokens that says in which turn of a conversation they stand. */
const TURN = 'turn';
/** Of a token that stands in no turn, such as a template's own. */
const NO_PART = 255;

/**
 * Tokens with the turns of their conversation as parts, and what these are called; as they are where they have none.
 * @param {Tokens} tokens @param {Passage} passage
 * @returns {{tokens: Tokens, passage: Passage}}
 */
export function withTurns(tokens, passage) {
  const turns = tokens.labels.get(TURN);
  const names = [...new Set(turns)].filter((turn) => turn !== null).slice(0, PART_LETTERS.length);
  if (!turns || names.length < 2 || passage.names) return { tokens, passage };
  const segment = Uint8Array.from(turns,
    (turn) => (turn !== null && names.includes(turn) ? names.indexOf(turn) : NO_PART));
  return { tokens: { ...tokens, segment }, passage: { ...passage, names } };
}

/** Whether a document has several parts. @param {Texts} texts */
export function hasParts({ queries, keys }) {
  return [queries, keys].some(({ segment }) => segment.includes(1));
}

/** @param {Texts} texts */
function namesOf({ passages }) {
  return passages.query.names ?? passages.key.names ?? ['A', 'B'];
}

/**
 * The part that queries and the part that keys are to be of; undefined: any, as where the document has no such parts.
 * @param {Texts} texts
 * @param {Selection['parts']} parts
 */
export function partsOf(texts, parts) {
  const [query, key] = parts === 'all' ? [] : [...parts].map((part) => PART_LETTERS.indexOf(part));
  return Math.max(query ?? 0, key ?? 0) < namesOf(texts).length ? { query, key } : { query: undefined, key: undefined };
}

/** "prompt to completion". @param {Texts} texts @param {Selection['parts']} parts */
export function partsInWords(texts, parts) {
  const names = namesOf(texts);
  const { query, key } = partsOf(texts, parts);
  return query === undefined || key === undefined ? '' : `${names[query]} to ${names[key]}`;
}

/**
 * @param {Context['state']} state @param {Selection} selection @param {Texts} texts
 * @param {string} label @param {string} all what is shown of no parts
 */
export function partChoice(state, selection, texts, label, all) {
  const letters = [...PART_LETTERS].slice(0, namesOf(texts).length);
  const options = letters.flatMap((from) => letters.map((to) => ({
    value: from + to, text: partsInWords(texts, from + to),
  })));
  return choice(label, [{ value: 'all', text: all }, ...options], selection.parts,
    (parts) => state.set({ parts }, { push: false }));
}
