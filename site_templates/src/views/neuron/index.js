/** Scores term by term, as the list of views knows them. */

/** @type {import('../../parts/types.js').ViewDefinition} */
export default {
  name: 'neuron',
  title: 'Neuron',
  way: { of: 'document', title: 'Neuron' },
  pageTitle: ({ head, doc }) => `Neurons of ${head}, document${doc === null ? '' : ` ${doc + 1}`}`,
  help: {
    opens: 'q × k of a document, channel by channel',
    words: [
      ['Neuron', 'Each channel of a query times the same channel of a key, and how their sum becomes attention: × '
        + 'scaling, soft cap and bias where the model has them, less the log-sum-exp of the row. The vectors are those '
        + 'that scores are made of, after rotary embedding.'],
    ],
    keys: [
      ['↑ ↓', 'to other tokens of the column'],
      ['← →', 'to the queries, to the keys'],
      ['Esc', 'back to the strongest key'],
    ],
  },
  documentCard: 'facts',
  create: async (context) => new (await import('./neuron.js')).NeuronView(context),
};
