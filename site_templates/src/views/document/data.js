/**
 * The numbers that the document view shows: the shares of one token, both ways, and where to begin.
 * @import { Attention, Tokens } from '../../data/types.js'
 * @import { Side } from '../../state/types.js'
 */
import { heatLevels, LEAST_TOP } from '../../draw/heat.js';
import { hiddenMass, lookedAtBy, looksAt } from '../../state/shares.js';
import { MASKED } from './token-text.js';

/** @typedef {{values: Float64Array, levels: Uint8Array, top: number}} Shade `top`: the value of the strongest shade */
/** @typedef {{side: Side, token: number}} Active */

/** The query and the key whose shares are shown. @param {Active | undefined} active @param {boolean} same @returns {{query: number | null, key: number | null}} */
export function bothWays(active, same) {
  if (!active) return { query: null, key: null };
  return {
    query: same || active.side === 'query' ? active.token : null,
    key: same || active.side === 'key' ? active.token : null,
  };
}

/** Attention with what hiding special tokens takes; made once a head and document. @param {Attention} attention @param {{queries: Tokens, keys: Tokens}} texts */
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

/** A token worth beginning with: the longest word among the first. @param {Tokens} tokens */
export function firstToken(tokens) {
  let best = 0;
  for (let i = 0; i < Math.min(tokens.texts.length, 24); i++) {
    if (!tokens.special[i] && lengthOf(tokens, i) > (tokens.special[best] ? 0 : lengthOf(tokens, best))) best = i;
  }
  return best;
}

/** Very long tokens are no words. @param {Tokens} tokens @param {number} token */
function lengthOf(tokens, token) {
  const { length } = tokens.surface(token).trim();
  return length > 20 ? 1 : length;
}

/** The nearest token that is shown, or undefined. @param {Tokens} tokens @param {number} token @param {number} step @param {boolean} hide */
export function shownToken(tokens, token, step, hide) {
  let at = token;
  while (at >= 0 && at < tokens.texts.length && hide && tokens.special[at]) at += step;
  return at >= 0 && at < tokens.texts.length ? at : undefined;
}
