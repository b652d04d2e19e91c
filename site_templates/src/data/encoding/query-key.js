/**
 * Query–key codes, the vectors that attention is recomputed from, one row or column at a time, in float64.
 * The twin is generator/attnviz/encoding.py.
 */
import { biasOf, cap, normalise } from '../score.js';
import { Stored } from './stored.js';

/** @import { Attention, Bias, Rule } from '../types.d.ts' */
/** @import { Extent } from './stored.js' */

/**
 * Vectors of one side: x̂ = code · scale of the token, or code · step of the channel. Integer codes are exact in
 * float32, which keeps one type in the hot loop.
 * @typedef {{codes: Float32Array, scale: Float32Array | null, step: Float32Array | null}} Side
 */

/** @implements {Attention} */
export class QueryKeyAttention extends Stored {
  /**
   * @param {Extent} extent
   * @param {object} codes
   * @param {Rule} codes.rule
   * @param {Bias | null} codes.bias of the head
   * @param {Side} codes.querySide
   * @param {Side} codes.keySide
   * @param {number | null} codes.sink the logit of the head's learned sink
   * @param {Float64Array} codes.lse one a query, of the decoded scores and the sink
   * @param {Float32Array} codes.mean of the keys, one a channel
   * @param {Float32Array} codes.balance of queries and keys, one a channel
   */
  constructor(extent, { rule, bias, sink, querySide, keySide, lse, mean, balance }) {
    super(extent);
    this.rule = rule;
    this.bias = bias;
    this.sink = sink;
    this.querySide = querySide;
    this.keySide = keySide;
    this.lse = lse;
    this.mean = mean;
    this.balance = balance;
    for (const { codes, scale } of [querySide, keySide]) this.bytes += codes.byteLength + (scale?.byteLength ?? 0);
    this.bytes += lse.byteLength;
  }

  /** @param {number} query */
  row(query) {
    const { bias, mean, rule, keySide } = this;
    const lo = this.intervals.lo[query];
    const hi = this.intervals.hi[query];
    const q = decode(this.querySide, query, mean.length);
    let base = 0; // q·mean: what centring took out of every score
    for (let c = 0; c < q.length; c++) {
      q[c] *= rule.scaling;
      base += q[c] * mean[c];
    }
    const out = new Float64Array(this.keys);
    project(keySide, q, base, lo, hi, out);
    for (let j = lo; j < hi; j++) out[j] = cap(out[j], rule.softcap) + biasOf(bias, query, j);
    this.visited = Math.max(0, hi - lo);
    return normalise(out, lo, hi, this.lse[query]);
  }

  /** The model's own query vector, as its codes keep it. @param {number} token */
  query(token) {
    const vector = decode(this.querySide, token, this.mean.length);
    for (let c = 0; c < vector.length; c++) vector[c] /= this.balance[c];
    return vector;
  }

  /** The model's own key vector. @param {number} token */
  key(token) {
    const vector = decode(this.keySide, token, this.mean.length);
    for (let c = 0; c < vector.length; c++) vector[c] = (vector[c] + this.mean[c]) * this.balance[c];
    return vector;
  }

  /** @param {number} query */
  sinkShare(query) {
    return this.sink === null ? 0 : Math.exp(this.sink - this.lse[query]);
  }

  /** One pass over the queries, thanks to the stored lse. @param {number} key */
  column(key) {
    const { bias, lse, mean, rule, querySide } = this;
    const { lo, hi } = this.intervals;
    const k = decode(this.keySide, key, mean.length);
    for (let c = 0; c < k.length; c++) k[c] = (k[c] + mean[c]) * rule.scaling;
    // Only queries between the first and the last that see the key are scored.
    let first = 0;
    let end = this.queries;
    while (first < end && (key < lo[first] || key >= hi[first])) first++;
    while (end > first && (key < lo[end - 1] || key >= hi[end - 1])) end--;
    const out = new Float64Array(this.queries);
    project(querySide, k, 0, first, end, out);
    for (let i = 0; i < out.length; i++) {
      if (key >= lo[i] && key < hi[i]) out[i] = Math.exp(cap(out[i], rule.softcap) + biasOf(bias, i, key) - lse[i]);
      else out[i] = hi[i] <= lo[i] ? NaN : 0;
    }
    this.visited = end - first;
    return out;
  }
}

/**
 * @param {Side} side
 * @param {number} token
 * @param {number} size channels of a vector
 */
function decode({ codes, scale, step }, token, size) {
  const out = new Float64Array(size);
  for (let c = 0; c < size; c++) out[c] = codes[token * size + c] * (scale ? scale[token] : step?.[c] ?? 1);
  return out;
}

/**
 * out[t] = base + x̂_t · v for the tokens first … end − 1.
 * @param {Side} side
 * @param {Float64Array} v
 * @param {number} base
 * @param {number} first
 * @param {number} end
 * @param {Float64Array} out
 */
function project({ codes, scale, step }, v, base, first, end, out) {
  const size = v.length;
  if (step) v = v.map((x, c) => x * step[c]);
  let at = first * size;
  for (let t = first; t < end; t++) {
    let dot = 0;
    for (let c = 0; c < size; c++) dot += codes[at++] * v[c];
    out[t] = base + (scale ? dot * scale[t] : dot);
  }
}
