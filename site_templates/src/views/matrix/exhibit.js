/** A matrix, taken away: its picture, and the weights of its part in sight as a table. */
import { lift } from '../../parts/figure/lift.js';
import { stack } from '../../parts/figure/compose.js';
import { tableOfWeights } from '../../parts/figure/weights.js';

/** @import { Exhibit } from '../../parts/figure/types.js' */
/** @import { Side } from '../../state/types.js' */
/** @import { Content, MatrixSurface } from '../../parts/matrix/surface.js' */
/** @import { Head } from '../../parts/types.js' */

/**
 * @typedef {object} Scene
 * @property {Head} head
 * @property {number} document
 * @property {string} words
 * @property {Content} content
 * @property {Record<Side, readonly number[]>} order the tokens of each row and column
 * @property {MatrixSurface} surface
 * @property {HTMLElement} legend
 */

/** @param {Scene} scene @returns {Exhibit} */
export function matrixExhibit({ head, document, words, content, order, surface, legend }) {
  const { sight } = surface;
  const [tall, wide] = [sight.endRow - sight.firstRow, sight.endColumn - sight.firstColumn];
  const partly = tall * wide < content.extent.rows * content.extent.columns;
  const keys = order.key.slice(sight.firstColumn, sight.endColumn);
  return {
    heads: [head], document, words: `${words}${partly ? ' Shown is a part of it.' : ''}`,
    figure: () => stack(lift(legend), surface.figure()),
    ...tableOfWeights(tall * wide, 'zoom in, and the part in sight can be saved.', () => ({
      columns: ['query', 'token', ...keys.map((key, i) => `${key} ${content.columnName(sight.firstColumn + i)}`)],
      count: tall,
      * rows() {
        for (let row = sight.firstRow; row < sight.endRow; row++) {
          const weights = Array.from(content.row(row)).slice(sight.firstColumn, sight.endColumn);
          yield [order.query[row], content.rowName(row), ...weights];
        }
      },
    })),
  };
}
