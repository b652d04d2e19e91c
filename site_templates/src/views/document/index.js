/** Attention in one document, as the list of views knows it. */
import { DocumentView } from './document.js';

/** @type {import('../../parts/types.js').ViewDefinition} */
export default {
  name: 'document',
  title: 'Document',
  way: { of: 'document', title: 'Text' },
  pageTitle: ({ head, doc }) => `${head}, document${doc === null ? '' : ` ${doc + 1}`}`,
  help: {
    opens: 'document',
    words: [
      ['Rollout',
        'What becomes of attention through all layers: how much of a token at the end comes from each token of '
        + 'the input, if layers passed on the mean of their heads.'],
    ],
  },
  documentCard: 'facts',
  create: (context) => new DocumentView(context),
};
