/** The table of all heads, as the list of views knows it. */
import { HeadsView } from './heads.js';

/** @type {import('../../parts/types.js').ViewDefinition} */
export default {
  name: 'heads',
  title: 'Find heads',
  alsoWay: { of: 'atlas', title: 'Points', patch: { show: 'points' } },
  help: { opens: 'table of heads', words: [] },
  create: (context) => new HeadsView(context),
};
