/** All heads' attention in a document, taken away: their patterns, and all their weights as a table. */
import { stack } from '../../parts/figure/compose.js';
import { lift } from '../../parts/figure/lift.js';
import { tableOfWeights } from '../../parts/figure/weights.js';

/** @import { Exhibit } from '../../parts/figure/types.js' */
/** @import { Head } from '../../parts/types.js' */
/** @import { Rows } from '../../parts/token-shares.js' */
/** @import { PatternGrid } from './grid.js' */

/**
 * @param {{grid: PatternGrid, document: number, words: string, load: (head: Head) => Promise<Rows>}} scene
 * @returns {Exhibit}
 */
export function patternsExhibit({ grid, document, words, load }) {
  const { drawn } = grid;
  const figure = () => stack(lift(grid.element));
  const heads = drawn.map(({ head }) => head);
  if (drawn.some(({ share }) => share !== undefined)) {
    return { heads, document, words, figure, table: () => ({
      columns: ['head', 'share'], count: drawn.length,
      rows: () => drawn.map(({ head, share }) => [head.id, Number.isNaN(share) ? null : share ?? null]),
    }) };
  }
  const widest = Math.max(0, ...drawn.map(({ keys }) => keys));
  const weights = drawn.reduce((sum, { queries, keys }) => sum + queries * keys, 0);
  return {
    heads, document, words, figure,
    ...tableOfWeights(weights, 'the matrix of one head can be saved.', () => ({
      columns: ['head', 'query', ...Array.from({ length: widest }, (_, key) => `key ${key}`)],
      count: drawn.reduce((sum, { queries }) => sum + queries, 0),
      async* rows() {
        for (const { head, queries } of drawn) {
          const attention = await load(head);
          for (let query = 0; query < queries; query++) {
            const row = Array.from(attention.row(query));
            yield [head.id, query, ...row, ...new Array(widest - row.length).fill(null)];
          }
        }
      },
    })),
  };
}
