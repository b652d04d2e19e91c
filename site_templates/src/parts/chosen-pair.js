/** Which pair a selection means, and in which order its channels stand. Pure. */

/** @import { Attention } from '../data/types.js' */
/** @import { Selection } from '../state/types.js' */

/**
 * The query and the key of a selection: what it does not name is the strongest.
 * @param {Attention} attention
 * @param {Pick<Selection, 'token' | 'side' | 'key'>} selection
 */
export function chosenPair(attention, { token, side, key }) {
  const inside = (/** @type {number | null} */ at, /** @type {number} */ count) => (
    at !== null && at < count ? at : undefined);
  if (side === 'key' && token !== null && key === null) {
    const column = inside(token, attention.keys) ?? 0;
    return { query: strongest(attention.column(column)), key: column };
  }
  const query = inside(token, attention.queries) ?? 0;
  return { query, key: inside(key, attention.keys) ?? strongest(attention.row(query)) };
}

/** The first place of the largest value; 0 where there is none. @param {ArrayLike<number>} values */
function strongest(values) {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

/** Channels from left to right. @param {ArrayLike<number>} products @param {Selection['elements']} order */
export function orderOf(products, order) {
  const channels = Array.from({ length: products.length }, (_, i) => i);
  return order === 'product' ? channels.sort((a, b) => products[b] - products[a] || a - b) : channels;
}
