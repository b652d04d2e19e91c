/** The table of all heads, as the list of views knows it. */

/** @type {import('../../parts/types.js').ViewDefinition} */
export default {
  name: 'heads',
  title: 'Find heads',
  alsoWay: { of: 'atlas', title: 'Points', patch: { show: 'points' } },
  help: {
    opens: 'table of heads',
    words: [],
    keys: [
      ['↑ ↓', 'to other heads; in the picture of points all four arrow keys'],
      ['Enter', 'opens the map of a head'],
    ],
  },
  create: async (context) => new (await import('./heads.js')).HeadsView(context),
};
