/** Two side by side, taken away: both matrices with their difference, and what both give each pair of tokens. */
import { beside, stack } from '../../parts/figure/compose.js';
import { lift } from '../../parts/figure/lift.js';
import { tableOfWeights } from '../../parts/figure/weights.js';
import { contentOf } from './sides.js';

/** @import { Exhibit, Table } from '../../parts/figure/types.js' */
/** @import { MatrixSurface } from '../../parts/matrix/surface.js' */
/** @import { Head } from '../../parts/types.js' */
/** @import { Compared } from './sides.js' */

const SAVE_ONE = 'the matrix of either head can be saved.';

/**
 * @param {object} scene
 * @param {{first: Compared, second: Compared, apart: string}} scene.pair
 * @param {readonly Head[]} scene.heads
 * @param {string} scene.words
 * @param {readonly {title: HTMLElement, surface: MatrixSurface}[]} scene.figures those that are seen
 * @returns {Exhibit}
 */
export function compareExhibit({ pair, heads, words, figures }) {
  const { first, second, apart } = pair;
  const weights = first.order.query.length * first.order.key.length;
  return {
    heads, words, ...first.place.doc === second.place.doc ? { document: first.place.doc ?? undefined } : {},
    figure: () => stack(beside(...figures.map(({ title, surface }) => (
      stack(lift(title), surface.figure()))))),
    ...apart ? { noTable: 'These have other tokens, so there is no table of both; the matrix of either can be saved.' }
      : tableOfWeights(2 * weights, SAVE_ONE, () => pairTable(first, second)),
  };
}

/** A row for each pair of tokens. @param {Compared} first @param {Compared} second @returns {Table} */
function pairTable(first, second) {
  const { rowName, columnName } = contentOf(first);
  const { query, key } = first.order;
  return {
    columns: ['query', 'query_token', 'key', 'key_token', first.title, second.title, 'difference'],
    count: query.length * key.length,
    * rows() {
      for (let row = 0; row < query.length; row++) {
        const [a, b] = [first.row(row), second.row(row)];
        for (let column = 0; column < key.length; column++) {
          yield [query[row], rowName(row), key[column], columnName(column), a[column], b[column],
            (a[column] || 0) - (b[column] || 0)];
        }
      }
    },
  };
}
