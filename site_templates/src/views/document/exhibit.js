/** A document read through a token, taken away: its shaded texts, and the shares both ways as a table. */
import { stack } from '../../parts/figure/compose.js';
import { lift } from '../../parts/figure/lift.js';
import { nameToken } from '../../parts/names.js';

/** @import { Tokens } from '../../data/types.js' */
/** @import { Exhibit, TableRow } from '../../parts/figure/types.js' */
/** @import { Scored } from '../../parts/token-scores.js' */
/** @import { Texts } from '../../parts/document-texts.js' */
/** @import { Shade } from '../../parts/shading.js' */
/** @import { Head } from '../../parts/types.js' */

/**
 * @param {object} scene
 * @param {readonly Head[]} scene.heads
 * @param {Texts} scene.texts
 * @param {{row?: Shade, column?: Shade}} scene.shades shares of the token as a query and as a key
 * @param {HTMLElement} scene.element both texts
 * @param {string} scene.words
 * @returns {Exhibit}
 */
export function textExhibit({ heads, texts, shades: { row, column }, element, words }) {
  // Of a long text only what is in sight has shades.
  const cut = element.querySelector('.lazy') !== null;
  const { queries, keys, same } = texts;
  const rows = () => (same ? sharesOf(queries, row, column)
    : [...sharesOf(keys, row, undefined, 'key'), ...sharesOf(queries, undefined, column, 'query')]);
  return {
    heads, document: texts.document, words: cut ? `${words} Shown is a part of the text.` : words,
    figure: () => stack(lift(element, { cut })),
    table: () => ({
      columns: [...same ? [] : ['side'], 'token', 'text', 'looks_at', 'looked_at_by'], rows,
      count: same ? queries.texts.length : queries.texts.length + keys.texts.length,
    }),
  };
}

/**
 * The text in the colours of a row of its scores, and all rows as a table.
 * @param {{texts: Texts, scores: readonly Scored[], element: HTMLElement, words: string}} scene
 * @returns {Exhibit}
 */
export function scoreExhibit({ texts, scores, element, words }) {
  const cut = element.querySelector('.lazy') !== null;
  const { document, queries } = texts;
  return {
    heads: [], document, words: cut ? `${words} Shown is a part of the text.` : words,
    figure: () => stack(lift(element, { cut })),
    table: () => ({
      columns: ['token', 'text', ...scores.map(({ row }) => row.title)], count: queries.texts.length,
      rows: () => queries.texts.map((_, token) => [token, nameToken(queries, token),
        ...scores.map(({ values }) => (Number.isNaN(values[token]) ? null : values[token]))]),
    }),
  };
}

/**
 * The text in the colours of what a head adds to the logits of next tokens, and that as a table.
 * @param {{heads: readonly Head[], texts: Texts, values: Float64Array, element: HTMLElement, words: string}} scene
 * @returns {Exhibit}
 */
export function addedExhibit({ heads, texts: { document, queries }, values, element, words }) {
  const cut = element.querySelector('.lazy') !== null;
  return {
    heads, document, words: cut ? `${words} Shown is a part of the text.` : words,
    figure: () => stack(lift(element, { cut })),
    table: () => ({
      columns: ['token', 'text', 'adds_to_next_logit'], count: queries.texts.length,
      rows: () => queries.texts.map((_, token) => [token, nameToken(queries, token),
        Number.isNaN(values[token]) ? null : values[token]]),
    }),
  };
}

/** @param {Tokens} tokens @param {Shade | undefined} row @param {Shade | undefined} column @param {string} [side]
 * @returns {TableRow[]} */
function sharesOf(tokens, row, column, side) {
  return tokens.texts.map((_, token) => [...side ? [side] : [], token, nameToken(tokens, token),
    row?.values[token] ?? null, column?.values[token] ?? null]);
}
