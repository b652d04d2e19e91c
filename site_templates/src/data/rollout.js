/**
 * Attention rollout (Abnar & Zuidema 2020, "Quantifying attention flow in transformers"). The twin of
 * generator/attnviz/aggregates.py.
 * @import { Breathe, HeadSum } from './aggregate.js'
 * @import { Intervals } from './types.d.ts'
 */

/**
 * How much of each token after the last layer comes from each token of the input, (tokens, tokens); rows sum to 1.
 * R = A_L … A_1, each A the mean over a layer's heads, its least weights left out, its rows summing to 1, and
 * `residual` of each row passing by the attention: A = (1 − residual) · M + residual · I.
 * @param {readonly HeadSum[]} layers from the first to the last
 * @param {{residual: number, discard: number}} parameters shares in [0, 1)
 * @param {Breathe} [breathe]
 * @returns {Promise<Float64Array>}
 */
export async function rollout(layers, { residual, discard }, breathe) {
  const n = layers[0].queries;
  let product = identity(n);
  for (const layer of layers) {
    const weights = layerWeights(layer, discard);
    const next = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      multiplyRow(weights, product, { n, i, residual }, next);
      await breathe?.();
    }
    product = next;
  }
  return product;
}

/**
 * Row i of ((1 − residual) · weights + residual · I) · product, all (n, n).
 * @param {Float64Array} weights
 * @param {Float64Array} product
 * @param {{n: number, i: number, residual: number}} which
 * @param {Float64Array} next written into
 */
function multiplyRow(weights, product, { n, i, residual }, next) {
  for (let j = 0; j < n; j++) next[i * n + j] = residual * product[i * n + j];
  for (let k = 0; k < n; k++) {
    const weight = (1 - residual) * weights[i * n + k];
    if (weight === 0) continue;
    for (let j = 0; j < n; j++) next[i * n + j] += weight * product[k * n + j];
  }
}

/**
 * A layer's mean without its least weights, rows summing to 1; a row without any looks at itself.
 * @param {HeadSum} layer
 * @param {number} discard
 */
function layerWeights({ queries: n, sum, lo, hi }, discard) {
  const weights = Float64Array.from(sum);
  for (let i = 0; i < n; i++) {
    const row = weights.subarray(i * n, (i + 1) * n);
    for (const key of least(row, lo[i], hi[i], Math.floor(discard * Math.max(0, hi[i] - lo[i])))) row[key] = 0;
    const total = row.reduce((all, value) => all + value, 0);
    if (total > 0) for (let j = 0; j < n; j++) row[j] /= total;
    else row[i] = 1;
  }
  return weights;
}

/**
 * The keys of so many least weights among those allowed; of equal ones the earlier.
 * @param {Float64Array} row
 * @param {number} lo
 * @param {number} hi
 * @param {number} count
 */
function least(row, lo, hi, count) {
  if (count === 0) return [];
  const keys = Array.from({ length: hi - lo }, (_, at) => lo + at);
  return keys.sort((a, b) => row[a] - row[b] || a - b).slice(0, count);
}

/** @param {number} n */
function identity(n) {
  const unit = new Float64Array(n * n);
  for (let i = 0; i < n; i++) unit[i * (n + 1)] = 1;
  return unit;
}

/**
 * Where rollout may reach through all layers: their masks one after another.
 * @param {readonly HeadSum[]} layers from the first to the last
 * @returns {Intervals}
 */
export function reach(layers) {
  const n = layers[0].queries;
  let [lo, hi] = [Uint32Array.from({ length: n }, (_, i) => i), Uint32Array.from({ length: n }, (_, i) => i + 1)];
  for (const layer of layers) {
    const [from, to] = [lo.slice(), hi.slice()];
    for (let i = 0; i < n; i++) {
      for (let k = layer.lo[i]; k < layer.hi[i]; k++) {
        from[i] = Math.min(from[i], lo[k]);
        to[i] = Math.max(to[i], hi[k]);
      }
    }
    [lo, hi] = [from, to];
  }
  return { lo, hi };
}
