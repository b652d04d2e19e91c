/** Attention as lines between two columns of tokens, as the list of views knows it. */

/** @type {import('../../parts/types.js').ViewDefinition} */
export default {
  name: 'lines',
  title: 'Lines',
  way: { of: 'document', title: 'Lines' },
  pageTitle: ({ head, doc }) => `Lines of ${head}, document${doc === null ? '' : ` ${doc + 1}`}`,
  help: {
    opens: 'lines of a document',
    words: [
      ['Line', 'From a query at the left to a key at the right: the more attention, the stronger. Each head has its '
        + 'colour; under 1 % nothing is drawn. Point at a token for its lines alone, with numbers; rest on a '
        + 'head, or on “all of the layer”, to see its lines before you choose.'],
    ],
    keys: [
      ['↑ ↓', 'to other tokens of the column'],
      ['← →', 'to the queries, to the keys'],
      ['Enter', 'pins the token'],
      ['Esc', 'lets go of it'],
    ],
  },
  documentCard: 'facts',
  create: async (context) => new (await import('./lines.js')).LinesView(context),
};
