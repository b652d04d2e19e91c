/**
 * Keys that say nothing of what a head looks for: special tokens, and the sinks that the report names of its stack,
 * which its statistics leave out too. Pure.
 * @import { Attention, Head, Model, Stack, Tokens } from '../data/types.js'
 */

/**
 * What attention rests on whatever the query, beside special tokens: each where more than half of the heads that are
 * shown together have it.
 * @typedef {object} Sinks
 * @property {boolean} first the first token of a document
 * @property {boolean} separator the model's separators
 * @property {boolean} learned a learned sink, or a part of rows that is missing
 * @property {boolean} [missing] whether attention was given, so that what rows lack is missing
 */
/** @typedef {{sink: number | null, stackInfo: Pick<Stack, 'resting'>}} Resting what of a head says where it rests */
/** @typedef {Pick<Tokens, 'ids' | 'special'>} KeyTokens */

/** @type {Sinks} */
export const NO_SINKS = { first: false, separator: false, learned: false };

/**
 * What takes the rest of rows that sum to less than 1: a learned sink, or, of attention that was given, nobody knows.
 * @param {Pick<Model, 'attention_by'> | undefined} model @param {Pick<Head, 'sink'> | undefined} head
 * @returns {'' | 'learned sink' | 'missing'}
 */
export function restOf(model, head) {
  if (typeof head?.sink !== 'number') return '';
  return model?.attention_by ? 'missing' : 'learned sink';
}

/** @param {readonly Resting[]} heads @returns {Sinks} */
export function sinksOf(heads) {
  const most = (/** @type {(head: Resting) => boolean} */ has) => 2 * heads.filter(has).length > heads.length;
  return {
    first: most(({ stackInfo }) => restsOn(stackInfo, 'first')),
    separator: most(({ stackInfo }) => restsOn(stackInfo, 'separator')),
    learned: most(({ sink }) => typeof sink === 'number'),
  };
}

/**
 * Reports from before they named them rest on special tokens alone.
 * @param {Pick<Stack, 'resting'>} stack @param {'first' | 'separator'} kind
 */
const restsOn = ({ resting = [] }, kind) => resting.includes(kind);

/**
 * Which keys of a document are left out; the learned sink is no key.
 * @param {Sinks} sinks
 * @param {Pick<Model, 'separator'>} model
 * @param {KeyTokens} tokens
 * @returns {boolean[]}
 */
export function leftOutKeys(sinks, { separator }, { ids, special }) {
  return special.map((is, key) => is || isSink(sinks, separator, key, ids[key]));
}

/**
 * Whether a key is a sink, special or not.
 * @param {Sinks} sinks
 * @param {number | null | undefined} separator the model's
 * @param {number} place of the key in its document
 * @param {number} id
 */
export function isSink(sinks, separator, place, id) {
  return (sinks.first && place === 0) || (sinks.separator && typeof separator === 'number' && id === separator);
}

/** "special tokens, the first token and the learned sink". @param {Sinks} sinks @param {boolean} special */
export function leftOutInWords({ first, separator, learned, missing }, special) {
  const names = [special && 'special tokens', first && 'the first token', separator && 'separators',
    learned && (missing ? 'what is missing' : 'the learned sink')].filter((name) => typeof name === 'string');
  const last = names.pop() ?? 'nothing';
  return names.length > 0 ? `${names.join(', ')} and ${last}` : last;
}

/**
 * The share of each row that is left out, (queries): what it spends on the keys and on a learned sink; NaN where
 * a row has nothing. One pass over the document for each key.
 * @param {Attention} attention
 * @param {readonly boolean[]} leftOut keys
 */
export function leftOutShares(attention, leftOut) {
  const shares = Float64Array.from({ length: attention.queries }, (_, query) => {
    const [lo, hi] = attention.interval(query);
    return hi > lo ? attention.sinkShare?.(query) ?? 0 : NaN;
  });
  leftOut.forEach((is, key) => {
    if (!is) return;
    const column = attention.column(key);
    for (let query = 0; query < shares.length; query++) if (column[query] > 0) shares[query] += column[query];
  });
  return shares;
}
