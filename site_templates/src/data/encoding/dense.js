/**
 * Dense codes, which are the attention itself, one row or column at a time, in float64.
 * The twin is generator/attnviz/encoding.py.
 */
import { Stored } from './stored.js';

/** @import { Attention, Intervals } from '../types.d.ts' */
/** @import { Extent } from './stored.js' */

/** @implements {Attention} */
export class DenseAttention extends Stored {
  /**
   * @param {Extent} extent
   * @param {object} codes
   * @param {Uint8Array | Uint16Array} codes.codes of keys lo … hi − 1, row after row
   * @param {Float64Array} codes.weights mass / Σ code³ of each row
   * @param {Uint32Array} codes.offsets where each row starts in the codes
   * @param {Float32Array | null} codes.mass what each row sums to; null: 1
   */
  constructor(extent, { codes, weights, offsets, mass }) {
    super(extent);
    this.codes = codes;
    this.weights = weights;
    this.offsets = offsets;
    this.mass = mass;
    this.bytes += codes.byteLength + weights.byteLength + offsets.byteLength;
  }

  /** @param {number} query */
  row(query) {
    const { codes, intervals } = this;
    const lo = intervals.lo[query];
    const hi = intervals.hi[query];
    const out = new Float64Array(this.keys);
    this.visited = Math.max(0, hi - lo);
    if (hi <= lo) return out.fill(NaN);
    const weight = this.weights[query];
    const shift = this.offsets[query] - lo;
    for (let j = lo; j < hi; j++) {
      const code = codes[shift + j];
      out[j] = weight * (code * code * code);
    }
    return out;
  }

  /** @param {number} query */
  sinkShare(query) {
    return this.mass ? Math.max(0, 1 - this.mass[query]) : 0;
  }

  /** @param {number} key */
  column(key) {
    const { codes, offsets, weights } = this;
    const { lo, hi } = this.intervals;
    const out = new Float64Array(this.queries);
    let visited = 0;
    for (let i = 0; i < out.length; i++) {
      if (key >= lo[i] && key < hi[i]) {
        const code = codes[offsets[i] + key - lo[i]];
        out[i] = weights[i] * (code * code * code);
        visited++;
      } else if (hi[i] <= lo[i]) out[i] = NaN;
    }
    this.visited = visited;
    return out;
  }
}

/**
 * Offsets and weights of dense rows, in one pass over the codes.
 * @param {Uint8Array | Uint16Array} codes
 * @param {Intervals} intervals
 * @param {Float32Array | null} mass
 */
export function weighRows(codes, { lo, hi }, mass) {
  const offsets = new Uint32Array(lo.length);
  const weights = new Float64Array(lo.length);
  let at = 0;
  for (let i = 0; i < lo.length; i++) {
    offsets[i] = at;
    const end = at + Math.max(0, hi[i] - lo[i]);
    let sum = 0;
    for (; at < end; at++) sum += codes[at] * codes[at] * codes[at];
    weights[i] = (mass ? mass[i] : 1) / sum;
  }
  return { offsets, weights };
}
