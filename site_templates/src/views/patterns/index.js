/** One document under all heads, as the list of views knows it. */

/** @type {import('../../parts/types.js').ViewDefinition} */
export default {
  name: 'patterns',
  title: 'All heads',
  way: { of: 'document', title: 'All heads' },
  alsoWay: { of: 'atlas', title: 'Patterns' },
  pageTitle: ({ doc }) => `All heads, document${doc === null ? '' : ` ${doc + 1}`}`,
  help: {
    opens: 'all heads of a document',
    words: [
      ['Pattern', 'The attention of one head in the whole document: queries down, keys across, each shade a share of a '
        + 'row. Where there are more tokens than pixels, a pixel shows the strongest weight it covers.'],
      ['Parts', 'Of a pair, or a prompt with its completion: one number for each head, how much of the attention of '
        + 'one part goes to the other.'],
    ],
    keys: [
      ['← ↑ ↓ →', 'to other heads'],
      ['Enter', 'opens the document under a head'],
    ],
  },
  documentCard: 'facts',
  create: async (context) => new (await import('./patterns.js')).PatternsView(context),
};
