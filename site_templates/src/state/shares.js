/**
 * The attention that a document is shaded with: a row, a column, or both without special tokens and sinks, the rest of
 * each row re-normalised.
 * @import { Attention } from '../data/types.js'
 */

/**
 * What is left out: of columns the special queries, of rows the keys, and their share of each row.
 * @typedef {{queries: readonly boolean[], keys: readonly boolean[], shares: Float64Array}} LeftOut
 */

/** Less than this of a row is too little to divide by. */
const TOO_LITTLE = 1e-6;

/** @param {number} share that is left out */
function restOf(share) {
  return 1 - share < TOO_LITTLE ? NaN : 1 - share;
}

/**
 * Where a query looks, (keys). With `leftOut`, those keys are NaN and the rest sums to 1; all is NaN where
 * nothing is left.
 * @param {Attention} attention
 * @param {number} query
 * @param {Pick<LeftOut, 'keys' | 'shares'>} [leftOut]
 * @returns {Float64Array}
 */
export function looksAt(attention, query, leftOut) {
  const row = attention.row(query);
  if (!leftOut) return row;
  const rest = restOf(leftOut.shares[query]);
  return Float64Array.from(row, (p, key) => (leftOut.keys[key] ? NaN : p / rest));
}

/**
 * Who looks at a key, (queries): each value is a share of its query's attention.
 * @param {Attention} attention
 * @param {number} key
 * @param {Pick<LeftOut, 'queries' | 'keys' | 'shares'>} [leftOut]
 * @returns {Float64Array}
 */
export function lookedAtBy(attention, key, leftOut) {
  const column = attention.column(key);
  if (!leftOut) return column;
  const { queries, keys, shares } = leftOut;
  return Float64Array.from(column, (p, query) => (queries[query] || keys[key] ? NaN : p / restOf(shares[query])));
}
