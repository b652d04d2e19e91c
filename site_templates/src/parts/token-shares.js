/**
 * The shares of one token, both ways, as numbers and as shades.
 * @import { Attention, Tokens } from '../data/types.js'
 * @import { LeftOut } from '../state/shares.js'
 * @import { Side } from '../state/types.js'
 */
import { heatLevels, LEAST_TOP } from '../draw/heat.js';
import { lookedAtBy, looksAt } from '../state/shares.js';
import { leftOutShares } from '../state/sinks.js';

/** A level for what a mask forbids. */
export const MASKED = 255;

/** @typedef {{values: Float64Array, levels: Uint8Array, top: number}} Shade `top`: the value of the strongest shade */
/** @typedef {{side: Side, token: number}} Active */
/** @typedef {Pick<Attention, 'queries' | 'keys' | 'row'>} Rows */

/**
 * The query and the key whose shares are shown.
 * @param {Active | undefined} active
 * @param {boolean} same
 * @returns {{query: number | null, key: number | null}}
 */
export function bothWays(active, same) {
  if (!active) return { query: null, key: null };
  return {
    query: same || active.side === 'query' ? active.token : null,
    key: same || active.side === 'key' ? active.token : null,
  };
}

/**
 * Attention with what leaving out special tokens and sinks takes; made once a head and document.
 * @param {Attention} attention
 * @param {{queries: Tokens, keys: Tokens}} texts
 * @param {readonly boolean[]} [keys] that are left out; special tokens, unless told
 */
export function makeShares(attention, texts, keys = texts.keys.special) {
  /** @type {LeftOut | undefined} */
  let known;
  const leftOut = () => known ??= { queries: texts.queries.special, keys, shares: leftOutShares(attention, keys) };
  /** @type {Rows | undefined} */
  let remaining;
  return {
    attention,
    /**
     * The rows of a picture of it; what is left out is 0, rows of special tokens too.
     * @param {boolean} without what is left out
     * @returns {Rows}
     */
    rows(without) {
      if (!without) return attention;
      return remaining ??= { queries: attention.queries, keys: attention.keys, row: (query) => (
        texts.queries.special[query] ? new Float64Array(attention.keys)
          : looksAt(attention, query, leftOut()).map((p) => p || 0)) };
    },
    /** What a query spends on what is left out. @param {number} query */
    leftOutShare: (query) => leftOut().shares[query],
    /** The same of all rows, on average over queries that are no special tokens; NaN where there are none. */
    meanLeftOut() {
      const { queries, shares } = leftOut();
      const rows = shares.filter((share, query) => !queries[query] && !Number.isNaN(share));
      return rows.reduce((sum, share) => sum + share, 0) / rows.length;
    },
    /** @param {number} query @param {boolean} without what is left out @returns {Shade} */
    row(query, without) {
      const values = looksAt(attention, query, without ? leftOut() : undefined);
      const [lo, hi] = attention.interval(query);
      return shade(values, (key) => key < lo || key >= hi);
    },
    /** @param {number} key @param {boolean} without what is left out @returns {Shade} */
    column(key, without) {
      const values = lookedAtBy(attention, key, without ? leftOut() : undefined);
      return shade(values, (query) => {
        const [lo, hi] = attention.interval(query);
        return key < lo || key >= hi;
      });
    },
  };
}

/** @param {Float64Array} values @param {(token: number) => boolean} masked @returns {Shade} */
function shade(values, masked) {
  let largest = 0;
  for (const value of values) if (value > largest) largest = value;
  const top = Math.max(largest, LEAST_TOP);
  const levels = heatLevels(values, top);
  for (let i = 0; i < levels.length; i++) if (masked(i)) levels[i] = MASKED;
  return { values, levels, top };
}
