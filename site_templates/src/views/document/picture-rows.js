/** What words have of a picture that they look at. Pure. */

/** @import { Attention, Tokens } from '../../data/types.js' */
/** @import { Texts } from '../../parts/document-texts.js' */

/**
 * @typedef {object} RowsOfWords
 * @property {Pick<Attention, 'interval'>} attention
 * @property {(query: number, hide: boolean) => {values: Float64Array}} row
 */
/**
 * @typedef {object} PictureRow
 * @property {number} query
 * @property {ArrayLike<number>} values its share of each key; NaN for those that are left out
 * @property {number} share of all patches together
 * @property {number} largest share of a patch
 */

/**
 * The words that may look at patches, in order: special tokens are none.
 * @param {Pick<Texts, 'queries' | 'keys'>} texts
 * @param {RowsOfWords} shares
 * @param {boolean} hide whether special tokens and sinks are left out
 * @returns {PictureRow[]}
 */
export function pictureRows({ queries, keys }, shares, hide) {
  const patches = Array.from(keys.row.keys()).filter((key) => keys.row[key] >= 0);
  return words(queries).filter((query) => {
    const [lo, hi] = shares.attention.interval(query);
    return patches.some((key) => key >= lo && key < hi);
  }).map((query) => {
    const { values } = shares.row(query, hide);
    const weights = patches.map((key) => values[key]).filter((value) => value >= 0);
    return { query, values, share: weights.reduce((sum, value) => sum + value, 0),
      largest: weights.reduce((most, value) => Math.max(most, value), 0) };
  });
}

/** @param {Pick<Tokens, 'row' | 'special'>} tokens */
function words({ row, special }) {
  return Array.from(row.keys()).filter((token) => row[token] < 0 && !special[token]);
}
