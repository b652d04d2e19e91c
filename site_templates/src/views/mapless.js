/** Heads of which only the attention is known: they have no queries and keys to make a map of. */

import { el } from './element.js';

/** @import { Model } from '../data/types.js' */
/** @import { Context, Head } from './types.js' */

/** @param {Head} head */
export function hasMap(head) {
  return Object.keys(head.maps).length > 0;
}

/** @param {Model} model @param {Head} head @param {string} [whose] */
export function whyNoMap(model, head, whose = 'this head’s') {
  const { reason } = model.captures.find(({ stack, layer }) => stack === head.stack && layer === head.layer) ?? {};
  return `Only ${whose} attention is known, not queries and keys${reason ? `: ${reason}` : ''}.`;
}

/** What stands in a map's place. @param {Pick<Context, 'report' | 'state'>} context @param {Head} head */
export function maplessCard({ report, state }, head) {
  const model = report.model(state.get().model);
  return el('div', { class: 'problem plain' },
    el('b', {}, `${head.id} has no map.`),
    el('p', {}, model ? whyNoMap(model, head) : ''),
    el('p', {}, 'A map places queries and keys; attention alone has no places. ',
      el('button', { type: 'button', class: 'link-button', onclick: () => state.set({ view: 'document' }) }, 'See what it attends to in a document')));
}
