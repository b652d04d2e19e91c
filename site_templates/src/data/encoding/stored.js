/** Attention in codes, whichever: what of it is stored, and over which intervals of keys its rows reach. */

/** @import { Intervals } from '../types.d.ts' */

/**
 * What is known of a head's attention in a document however it is stored.
 * @typedef {{encoding: string, queryAxis: string, keyAxis: string, keys: number, intervals: Intervals}} Extent
 */

/** What both encodings share: the intervals, and rows that a mask leaves empty. */
export class Stored {
  /** @param {Extent} extent */
  constructor({ encoding, queryAxis, keyAxis, keys, intervals }) {
    this.encoding = encoding;
    this.queryAxis = queryAxis;
    this.keyAxis = keyAxis;
    this.queries = intervals.lo.length;
    this.keys = keys;
    this.intervals = intervals;
    this.visited = 0;
    /** What the arrays take, for the cache. */
    this.bytes = intervals.lo.byteLength + intervals.hi.byteLength;
  }

  /**
   * @param {number} query
   * @returns {[number, number]}
   */
  interval(query) {
    return [this.intervals.lo[query], this.intervals.hi[query]];
  }
}
