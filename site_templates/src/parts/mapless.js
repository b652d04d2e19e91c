/** Heads of which only the attention is known: they have no queries and keys to make a map of. */

import { el } from './element.js';

/** @import { Model } from '../data/types.js' */
/** @import { Context, Head } from './types.js' */

/** @param {Head} head @param {string} map such as "pca-2d" */
export function hasMap(head, map) {
  return map in head.maps;
}

/** @param {Model} model @param {Head} head @param {string} [whose] */
export function whyNoMap(model, head, whose = 'this head’s') {
  if (model.maps.length === 0) return 'This report was built without maps.';
  const { reason } = model.captures.find(({ stack, layer }) => stack === head.stack && layer === head.layer) ?? {};
  return `Only ${whose} attention is known, not queries and keys${reason ? `: ${reason}` : ''}.`;
}

/**
 * What stands in a map's place.
 * @param {Pick<Context, 'report' | 'state'>} context
 * @param {Head} head
 * @param {string} map
 */
export function maplessCard({ report, state }, head, map) {
  const model = report.model(state.get().model);
  if (!model) return el('div');
  const others = model.maps.filter(({ id }) => hasMap(head, id));
  const title = model.maps.find(({ id }) => id === map)?.title;
  return el('div', { class: 'problem plain' },
    el('b', {},
      others.length > 0 && title ? `${head.id} has no map of this kind (${title}).` : `${head.id} has no map.`),
    el('p', {}, whyNoMap(model, head)),
    ...others.map(({ id, title: name }) => el('button',
      { type: 'button', class: 'link-button', onclick: () => state.set({ map: id }) }, `Show its ${name}`)),
    el('button', { type: 'button', class: 'link-button', onclick: () => state.set({ view: 'document' }) },
      'See what it attends to in a document'));
}
