/** Two heads, documents or models side by side, as the list of views knows them. */

/** @type {import('../../parts/types.js').ViewDefinition} */
export default {
  name: 'compare',
  title: 'Compare',
  way: { of: 'document', title: 'Compare' },
  pageTitle: ({ head, with: other }) => `${head} compared${other ? ` with ${other}` : ''}`,
  help: {
    opens: 'two heads, documents or models side by side',
    words: [
      ['Difference', 'Attention of the first minus that of the second, where both have the same tokens: blue where the '
        + 'first is more, orange where the second is, each in percentage points of a row.'],
    ],
    keys: [
      ['← ↑ ↓ →', 'move the cursor in both'],
      ['Enter', 'pins the query of its row'],
      ['+ − 0', 'zoom in, out, whole matrix'],
      ['Esc', 'lets go of the pinned token'],
    ],
  },
  documentCard: 'facts',
  create: async (context) => new (await import('./compare.js')).CompareView(context),
};
