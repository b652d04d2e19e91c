/** The map of one head, as the list of views knows it. */

/** @type {import('../../parts/types.js').ViewDefinition} */
export default {
  name: 'head',
  title: 'Map',
  pageTitle: ({ head }) => head,
  help: {
    opens: 'map of the head',
    words: [
      ['Select', 'Shift-drag on a flat map, or the buttons at the map’s right edge: box, lasso, all in sight, what '
        + 'lies near the selected point. In three dimensions Shift-drag moves, so there the buttons select: all that '
        + 'lies behind the drawn line. A table says which tokens are over-represented inside; a row lets its points '
        + 'stand out.'],
      ['Region', 'A bold name on a map: the token that is over-represented there, far beyond chance. Coming nearer '
        + 'names smaller regions.'],
      ['Lines', 'From the selected query to the keys it looks at most, or from the queries that look most at the '
        + 'selected key: the wider, the more attention.'],
      ['Density', 'Where points lie over one another, lines surround the densest parts that hold half and nine tenths '
        + 'of the queries in sight; dashed lines those of the keys.'],
      ['Motion', 'Another map of the same tokens, or another head: every point goes from its old place to its new one. '
        + 'Systems that ask for less motion get none.'],
      ['Label', 'What a head does on this corpus, by a measured score and a fixed threshold. Most heads have none, and '
        + 'that is an answer.'],
    ],
    keys: [
      ['← ↑ ↓ →', 'to other heads; turn a map of three dimensions'],
      ['Enter', 'to the points of the map, from its middle; then arrow keys go from point to point, and Enter selects'],
      ['+ − 0', 'zoom in, out, whole map: points that lie close come apart'],
      ['Drag Wheel', 'moves and zooms; in three dimensions a drag turns, and Shift-drag, the right button or two '
        + 'fingers move'],
      ['Shift Drag', 'selects a part of a flat map'],
      ['Esc', 'lets go of the point, of the selected part, of the selected token'],
    ],
  },
  documentCard: 'full',
  create: async (context) => new (await import('./head.js')).HeadView(context),
};
