/** Attention in one document, as the list of views knows it. */

/** @type {import('../../parts/types.js').ViewDefinition} */
export default {
  name: 'document',
  title: 'Document',
  way: { of: 'document', title: 'Text' },
  pageTitle: ({ head, doc }) => `${head}, document${doc === null ? '' : ` ${doc + 1}`}`,
  help: {
    opens: 'document',
    words: [
      ['Frozen',
        'A direction that stays on its token while others are looked through: a double-click, F for “looks at”, Shift '
        + 'and F for “looked at by”.'],
      ['Several tokens',
        'Ctrl or Cmd and a click adds a token to the pinned one, Shift and a click all up to it; from the keyboard '
        + 'Ctrl or Shift and the space bar. Their shares are added.'],
      ['Next token’s logit',
        'Where the report has it, a text can be shaded by what the head adds to the logit of the token that follows: '
        + 'filled after each token, underlined at the tokens that this comes from. Below stands all that adds to it.'],
      ['Recording', 'P plays it from the frame that is attended to, and pauses.'],
      ['Rollout',
        'What becomes of attention through all layers: how much of a token at the end comes from each token of '
        + 'the input, if layers passed on the mean of their heads.'],
    ],
    keys: [
      ['← ↑ ↓ →', 'to other tokens'],
      ['Home End', 'to the first and the last token'],
      ['Enter', 'pins a token, or lets it go'],
      ['F', 'freezes “looks at” on the token; Shift and F “looked at by”'],
      ['Shift Space', 'adds all up to the token to the pinned one; Ctrl and Space the token alone'],
      ['Esc', 'lets go of what is pinned, then of what is frozen'],
    ],
  },
  documentCard: 'facts',
  create: async (context) => new (await import('./document.js')).DocumentView(context),
};
