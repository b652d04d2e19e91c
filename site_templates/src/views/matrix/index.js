/** Attention as a matrix with its tokens, as the list of views knows it. */

/** @type {import('../../parts/types.js').ViewDefinition} */
export default {
  name: 'matrix',
  title: 'Matrix',
  way: { of: 'document', title: 'Matrix' },
  pageTitle: ({ head, doc }) => `Matrix of ${head}, document${doc === null ? '' : ` ${doc + 1}`}`,
  help: {
    opens: 'matrix of a document',
    words: [
      ['Matrix', 'A row for each query, a column for each key. Wheel or pinch zooms, dragging moves. Where there are '
        + 'more tokens than pixels, a pixel shows the strongest weight it covers.'],
    ],
    keys: [
      ['← ↑ ↓ →', 'move the crosshair'],
      ['Enter', 'pins the query of its row'],
      ['+ − 0', 'zoom in, out, whole matrix'],
      ['Esc', 'lets go of the pinned token'],
    ],
  },
  documentCard: 'facts',
  create: async (context) => new (await import('./matrix.js')).MatrixView(context),
};
