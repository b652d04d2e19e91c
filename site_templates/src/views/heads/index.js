/** The table of all heads, as the list of views knows it. */
import { HeadsView } from './heads.js';

/** @type {import('../../parts/types.js').ViewDefinition} */
export default {
  name: 'heads',
  title: 'Find heads',
  help: { opens: 'table of heads', words: [] },
  create: (context) => new HeadsView(context),
};
