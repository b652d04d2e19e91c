/**
 * The score rule: the one definition of attention from queries and keys. Its twin is generator/attnviz/score.py.
 *
 *     s_ij = scaling · q_i·k_j,   s ← c · tanh(s / c) under a soft cap c,   s_ij ← s_ij + bias_ij
 *     a_ij = exp(s_ij − lse_i),   lse_i = log(Σ_{j allowed} exp s_ij + exp sink)
 */

/** @import { Bias, Intervals, MaskEntry } from './types.d.ts' */

/**
 * The intervals [lo, hi) of a mask that follows from the numbers of queries and keys alone.
 * @param {MaskEntry} mask of any kind but intervals
 * @param {number} queries
 * @param {number} keys
 * @returns {Intervals}
 */
export function maskIntervals(mask, queries, keys) {
  const lo = new Uint32Array(queries);
  const hi = new Uint32Array(queries);
  const before = mask.kind === 'band' ? mask.before ?? 0 : Infinity;
  const after = mask.kind === 'band' ? mask.after ?? 0 : mask.kind === 'causal' ? 0 : Infinity;
  for (let i = 0; i < queries; i++) {
    lo[i] = Math.max(0, i - before);
    hi[i] = Math.min(i + after + 1, keys);
  }
  return { lo, hi };
}

/**
 * A score under the soft cap; as it is where there is none.
 * @param {number} score
 * @param {number | null} softcap
 */
export function cap(score, softcap) {
  return softcap === null ? score : softcap * Math.tanh(score / softcap);
}

/**
 * What a head adds to the score of a query and a key: by their distance, which counts up to the bias's reach, or by
 * their places in a table, which are those in a window where tokens attend within windows.
 * @param {Bias | null} bias
 * @param {number} query
 * @param {number} key
 */
export function biasOf(bias, query, key) {
  if (bias === null) return 0;
  if (bias.kind === 'table') {
    const { places } = bias;
    return places ? bias.values[places[query] * bias.size + places[key]] : bias.values[query * bias.size + key];
  }
  const reach = (bias.size - 1) / 2;
  return bias.values[reach + Math.min(Math.max(key - query, -reach), reach)];
}

/**
 * log(Σ exp of scores[lo … hi) + exp sink), computed without overflow.
 * @param {Float64Array} scores
 * @param {number} lo
 * @param {number} hi
 * @param {number | null} sink
 */
export function logSumExp(scores, lo, hi, sink) {
  let peak = sink ?? -Infinity;
  for (let j = lo; j < hi; j++) if (scores[j] > peak) peak = scores[j];
  let sum = sink === null ? 0 : Math.exp(sink - peak);
  for (let j = lo; j < hi; j++) sum += Math.exp(scores[j] - peak);
  return peak + Math.log(sum);
}

/**
 * Turns one row of capped scores into attention, in place: 0 outside [lo, hi), NaN where the interval is empty.
 * @param {Float64Array} scores
 * @param {number} lo
 * @param {number} hi
 * @param {number} lse
 */
export function normalise(scores, lo, hi, lse) {
  if (hi <= lo) return scores.fill(NaN);
  scores.fill(0, 0, lo);
  scores.fill(0, hi);
  for (let j = lo; j < hi; j++) scores[j] = Math.exp(scores[j] - lse);
  return scores;
}
