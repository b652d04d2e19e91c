/**
 * Attention of several heads made into one: sums and means over heads. The twin of generator/attnviz/aggregates.py.
 * @import { Attention, Intervals } from './types.d.ts'
 */

/**
 * Where long work may be interrupted: called often, resolves when it may go on, rejects when nobody waits for it.
 * @typedef {() => Promise<void> | void} Breathe
 */

/** So far from 1 the sum of a row of weights may be without a sink. */
const ROUNDING = 1e-9;

/** The sum over heads, row by row, of the attention in one document. */
export class HeadSum {
  /** @param {number} queries @param {number} keys */
  constructor(queries, keys) {
    this.queries = queries;
    this.keys = keys;
    this.sum = new Float64Array(queries * keys); // (queries, keys)
    /** How many heads were added, and how many of them have the row: some may see nothing there. */
    this.count = 0;
    this.heads = new Uint32Array(queries);
    this.lo = new Uint32Array(queries).fill(keys);
    this.hi = new Uint32Array(queries);
  }

  /** @param {Attention} attention @param {Breathe} [breathe] */
  async add(attention, breathe) {
    const { sum, keys } = this;
    this.count++;
    for (let i = 0; i < this.queries; i++) {
      const [lo, hi] = attention.interval(i);
      if (hi <= lo) continue;
      const row = attention.row(i);
      for (let j = lo; j < hi; j++) sum[i * keys + j] += row[j];
      this.widen(i, lo, hi, 1);
      await breathe?.();
    }
  }

  /** @param {HeadSum} other */
  addSum(other) {
    this.count += other.count;
    for (let k = 0; k < this.sum.length; k++) this.sum[k] += other.sum[k];
    for (let i = 0; i < this.queries; i++) {
      if (other.heads[i] > 0) this.widen(i, other.lo[i], other.hi[i], other.heads[i]);
    }
  }

  /** @param {number} i @param {number} lo @param {number} hi @param {number} heads */
  widen(i, lo, hi, heads) {
    this.heads[i] += heads;
    this.lo[i] = Math.min(this.lo[i], lo);
    this.hi[i] = Math.max(this.hi[i], hi);
  }

  /** The mean, (queries, keys): NaN in rows that any head lacks. */
  mean() {
    const complete = (/** @type {number} */ query) => this.heads[query] === this.count;
    return this.sum.map((value, k) => (complete(Math.floor(k / this.keys)) ? value / this.count : NaN));
  }

  /** Which keys any head may see, where all have the row. @returns {Intervals} */
  get intervals() {
    const bounds = (/** @type {Uint32Array} */ side) => (
      side.map((bound, i) => (this.heads[i] === this.count ? bound : 0)));
    return { lo: bounds(this.lo), hi: bounds(this.hi) };
  }
}

/**
 * Weights that were computed, as the attention of one head would be.
 * @implements {Attention}
 */
export class ComputedAttention {
  /**
   * @param {Float64Array} weights (queries, keys)
   * @param {Intervals} intervals
   * @param {Pick<Attention, 'queryAxis' | 'keyAxis' | 'keys'>} extent
   */
  constructor(weights, intervals, { queryAxis, keyAxis, keys }) {
    this.weights = weights;
    this.intervals = intervals;
    this.encoding = 'computed';
    this.queryAxis = queryAxis;
    this.keyAxis = keyAxis;
    this.queries = intervals.lo.length;
    this.keys = keys;
    this.visited = 0;
    this.bytes = weights.byteLength;
  }

  /** @param {number} query */
  row(query) {
    this.visited = this.keys;
    return this.weights.slice(query * this.keys, (query + 1) * this.keys);
  }

  /** @param {number} key */
  column(key) {
    this.visited = this.queries;
    return Float64Array.from({ length: this.queries }, (_, query) => this.weights[query * this.keys + key]);
  }

  /** @param {number} query */
  sinkShare(query) {
    let rest = 1;
    for (const weight of this.row(query)) rest -= weight;
    // Rows that sum to 1 do so to within what adding up takes.
    return rest > ROUNDING ? rest : 0;
  }

  /** @param {number} query @returns {[number, number]} */
  interval(query) {
    return [this.intervals.lo[query], this.intervals.hi[query]];
  }
}
