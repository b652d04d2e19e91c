/** The map of one head, as the list of views knows it. */
import { HeadView } from './head.js';

/** @type {import('../../parts/types.js').ViewDefinition} */
export default {
  name: 'head',
  title: 'Map',
  pageTitle: ({ head }) => head,
  help: {
    opens: 'map of the head',
    words: [
      ['Motion', 'Another map of the same tokens, or another head: every point goes from its old place to its new one. '
        + 'Systems that ask for less motion get none.'],
      ['Label', 'What a head does on this corpus, by a measured score and a fixed threshold. Most heads have none, and '
        + 'that is an answer.'],
    ],
  },
  documentCard: 'full',
  create: (context) => new HeadView(context),
};
