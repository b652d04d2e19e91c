/**
 * The shares of one token, both ways, as numbers and as shades.
 * @import { Attention, Tokens } from '../data/types.js'
 * @import { LeftOut } from '../state/shares.js'
 * @import { Side } from '../state/types.js'
 */
import { lookedAtBy, looksAt } from '../state/shares.js';
import { leftOutShares } from '../state/sinks.js';
import { shade, USUAL_SCALE } from './shading.js';

/** @import { Scale, Shade } from './shading.js' */

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
    /**
     * Where queries look: their rows, added.
     * @param {number | readonly number[]} queries @param {boolean} without what is left out @param {Scale} [scale]
     * @returns {Shade}
     */
    row(queries, without, scale = USUAL_SCALE) {
      const all = [queries].flat();
      const values = added(all.map((query) => looksAt(attention, query, without ? leftOut() : undefined)));
      const intervals = all.map((query) => attention.interval(query));
      return shade(values, (key) => intervals.every(([lo, hi]) => key < lo || key >= hi), scale);
    },
    /**
     * Who looks at keys: their columns, added.
     * @param {number | readonly number[]} tokens of the keys
     * @param {boolean} without what is left out @param {Scale} [scale]
     * @returns {Shade}
     */
    column(tokens, without, scale = USUAL_SCALE) {
      const all = [tokens].flat();
      const values = added(all.map((key) => lookedAtBy(attention, key, without ? leftOut() : undefined)));
      return shade(values, (query) => {
        const [lo, hi] = attention.interval(query);
        return all.every((key) => key < lo || key >= hi);
      }, scale);
    },
  };
}

/** Element by element. @param {readonly Float64Array[]} lists of one length, at least one of them */
function added([first, ...others]) {
  if (others.length === 0) return first;
  const sum = Float64Array.from(first);
  for (const list of others) for (let i = 0; i < sum.length; i++) sum[i] += list[i];
  return sum;
}
