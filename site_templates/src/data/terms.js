/** The score of a query and a key term by term, where a document's vectors are stored. */
import { QueryKeyAttention } from './encoding/query-key.js';
import { biasOf, cap } from './score.js';

/** @import { Attention } from './types.d.ts' */

/**
 * @typedef {object} PairTerms
 * @property {Float64Array} products q × k, channel by channel
 * @property {number} dot their sum
 * @property {number} scaled the sum × scaling
 * @property {number} capped under the soft cap, the same where there is none
 * @property {number} bias 0 where there is none
 * @property {number} score what is compared over the row: capped + bias
 * @property {number} lse log-sum-exp of the row's scores, the sink's among them
 * @property {boolean} allowed whether the mask lets the query see the key
 * @property {number} weight exp(score − lse); 0 where the mask forbids it, NaN where it forbids every key
 */

/**
 * The attention with its vectors; undefined where attention alone is stored.
 * @param {Attention} attention
 * @returns {QueryKeyAttention | undefined}
 */
export function withVectors(attention) {
  return attention instanceof QueryKeyAttention ? attention : undefined;
}

/**
 * @param {QueryKeyAttention} attention
 * @param {Float64Array} q the query's vector
 * @param {number} query
 * @param {number} key
 * @returns {PairTerms}
 */
export function pairTerms(attention, q, query, key) {
  const { rule } = attention;
  const k = attention.key(key);
  const products = q.map((value, channel) => value * k[channel]);
  const dot = products.reduce((sum, product) => sum + product, 0);
  const scaled = dot * rule.scaling;
  const capped = cap(scaled, rule.softcap);
  const [lo, hi] = attention.interval(query);
  const allowed = key >= lo && key < hi;
  // A table of places has none for pairs that never meet.
  const bias = allowed ? biasOf(attention.bias, query, key) : 0;
  const score = capped + bias;
  const lse = attention.lse[query];
  const weight = allowed ? Math.exp(score - lse) : hi > lo ? 0 : NaN;
  return { products, dot, scaled, capped, bias, score, lse, allowed, weight };
}
