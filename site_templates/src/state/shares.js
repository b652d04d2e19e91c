/**
 * The attention that the document view shades with: a row, a column, or both without special tokens,
 * the rest re-normalised.
 * @import { Attention } from '../data/types.js'
 */

/**
 * What each query spends on hidden keys, (queries). One pass over the document per hidden key.
 * @param {Attention} attention
 * @param {readonly boolean[]} hiddenKeys
 */
export function hiddenMass(attention, hiddenKeys) {
  const mass = new Float64Array(attention.queries);
  hiddenKeys.forEach((hidden, key) => {
    if (!hidden) return;
    const column = attention.column(key);
    for (let i = 0; i < mass.length; i++) if (column[i] > 0) mass[i] += column[i];
  });
  return mass;
}

/**
 * Where a query looks, (keys). With `hidden`, hidden keys are NaN and the rest sums to 1.
 * @param {Attention} attention
 * @param {number} query
 * @param {{keys: readonly boolean[], mass: Float64Array}} [hidden]
 * @returns {Float64Array}
 */
export function looksAt(attention, query, hidden) {
  const row = attention.row(query);
  if (!hidden) return row;
  const rest = 1 - hidden.mass[query];
  return Float64Array.from(row, (p, key) => (hidden.keys[key] ? NaN : p / rest));
}

/**
 * Who looks at a key, (queries): each value is a share of its query's attention.
 * @param {Attention} attention
 * @param {number} key
 * @param {{queries: readonly boolean[], mass: Float64Array}} [hidden]
 * @returns {Float64Array}
 */
export function lookedAtBy(attention, key, hidden) {
  const column = attention.column(key);
  if (!hidden) return column;
  return Float64Array.from(column, (p, query) => (hidden.queries[query] ? NaN : p / (1 - hidden.mass[query])));
}
