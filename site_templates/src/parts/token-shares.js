/**
 * The shares of one token, both ways, as numbers and as shades.
 * @import { Attention, Tokens } from '../data/types.js'
 * @import { Side } from '../state/types.js'
 */
import { heatLevels, LEAST_TOP } from '../draw/heat.js';
import { hiddenMass, lookedAtBy, looksAt } from '../state/shares.js';

/** A level for what a mask forbids. */
export const MASKED = 255;

/** @typedef {{values: Float64Array, levels: Uint8Array, top: number}} Shade `top`: the value of the strongest shade */
/** @typedef {{side: Side, token: number}} Active */

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
 * Attention with what hiding special tokens takes; made once a head and document.
 * @param {Attention} attention
 * @param {{queries: Tokens, keys: Tokens}} texts
 */
export function makeShares(attention, texts) {
  /** @type {{queries: readonly boolean[], keys: readonly boolean[], mass: Float64Array} | undefined} */
  let hidden;
  const hide = () => hidden ??= {
    queries: texts.queries.special, keys: texts.keys.special, mass: hiddenMass(attention, texts.keys.special),
  };
  return {
    attention,
    /** What a query spends on hidden keys. @param {number} query */
    hiddenShare: (query) => hide().mass[query],
    /** @param {number} query @param {boolean} without special tokens @returns {Shade} */
    row(query, without) {
      const values = looksAt(attention, query, without ? hide() : undefined);
      const [lo, hi] = attention.interval(query);
      return shade(values, (key) => key < lo || key >= hi);
    },
    /** @param {number} key @param {boolean} without special tokens @returns {Shade} */
    column(key, without) {
      const values = lookedAtBy(attention, key, without ? hide() : undefined);
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
