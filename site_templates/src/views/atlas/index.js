/** The atlas, as the list of views knows it. */
import { Atlas } from './atlas.js';

/** @type {import('../../parts/types.js').ViewDefinition} */
export default {
  name: 'atlas',
  title: 'Atlas',
  way: { of: 'atlas', title: 'Maps' },
  pageTitle: () => '',
  help: {
    opens: 'atlas',
    words: [
      ['Map', 'Queries and keys of one head in one picture. The attention map is laid out so that near means attended; '
        + 'other maps show the vectors themselves. Its corner says how far to believe it: distances are a hint, '
        + 'percentages are the numbers.'],
      ['Colour', 'What a point’s colour says is chosen above the map; shape always tells queries (dots) from keys '
        + '(diamonds). A point tells its value when you point at it, and a name in the legend shows its points alone.'],
      ['Below a map', 'What the head attends to most besides resting, as a share of the attention that does not rest; '
        + '“rests” is the share that does, on special tokens and sinks.'],
      ['Links', 'Where the report says what heads write: up to the heads that the one in hand reads most, by its '
        + 'queries, keys or values, and down to those that read it most.'],
    ],
    keys: [
      ['← ↑ ↓ →', 'to other heads'],
      ['Enter', 'opens a head'],
    ],
  },
  create: (context) => new Atlas(context),
};
