/** Lines, taken away: as they are drawn, and as a table of a row each. */
import { cssColor } from '../../draw/color.js';
import { legend, stack } from '../../parts/figure/compose.js';
import { marksOf } from '../../parts/figure/ink.js';
import { lift } from '../../parts/figure/lift.js';
import { nameToken } from '../../parts/names.js';
import { hueOf } from './head-chips.js';
import { LEAST } from './strokes.js';

/** @import { Exhibit, TableRow } from '../../parts/figure/types.js' */
/** @import { Texts } from '../../parts/document-texts.js' */
/** @import { Active, makeShares } from '../../parts/token-shares.js' */
/** @import { Colors, Head } from '../../parts/types.js' */
/** @import { Columns } from './columns.js' */

/**
 * @typedef {object} Scene
 * @property {readonly {head: Head, shares: ReturnType<typeof makeShares>}[]} drawn
 * @property {Active | undefined} active whose lines are drawn alone
 * @property {boolean} hide whether special tokens are left out
 * @property {Texts} texts
 * @property {Columns} columns
 * @property {string} words
 * @property {() => Colors} colors
 * @property {(ink: CanvasRenderingContext2D) => void} paint
 */

/** @param {Scene} scene @returns {Exhibit} */
export function linesExhibit(scene) {
  const { drawn, texts, columns, words, colors, paint } = scene;
  return {
    heads: drawn.map(({ head }) => head), document: texts.document, words,
    figure() {
      const { page, ink } = colors();
      const names = drawn.map(({ head }, i) => ({ name: head.id, color: cssColor(hueOf(i, page)) }));
      return stack(legend(names, cssColor(ink)),
        lift(columns.element, { cut: true, drawn: new Map([[columns.canvas, marksOf(paint)]]) }));
    },
    table() {
      const rows = rowsOf(scene);
      return { columns: ['head', 'query', 'query_token', 'key', 'key_token', 'weight'], count: rows.length,
        rows: () => rows };
    },
  };
}

/** A row for each line. @param {Scene} scene @returns {TableRow[]} */
function rowsOf({ drawn, active, hide, texts, columns }) {
  const queries = active?.side === 'query' ? [active.token]
    : active ? [...columns.places('query').keys()] : columns.inSight('query').map(({ token }) => token);
  const keys = active?.side === 'key' ? [active.token] : [...columns.places('key').keys()];
  return drawn.flatMap(({ head, shares }) => {
    const column = active?.side === 'key' ? shares.column(active.token, hide).values : undefined;
    return queries.flatMap((query) => {
      const row = column ? undefined : shares.row(query, hide).values;
      const weightOf = (/** @type {number} */ key) => (row ? row[key] : column?.[query] ?? 0);
      return keys.filter((key) => weightOf(key) >= LEAST).map((key) => (
        [head.id, query, nameToken(texts.queries, query), key, nameToken(texts.keys, key), weightOf(key)]));
    });
  });
}
