/** A head in words, and the card that the pointer sees of it. */
import { cardStatistics } from '../state/layout.js';
import { el } from './element.js';
import { beliefOf } from './map-badge.js';
import { hasMap, whyNoMap } from './mapless.js';
import { errorOf, figure } from './numbers.js';
import { stackName } from './stacks.js';

/** @import { Model } from '../data/types.js' */
/** @import { Context, Head } from './types.js' */

/** @param {Head} head */
export function headInWords(head) {
  return `${head.id.includes('.') ? `${stackName(head.stack).toLowerCase()}, ` : ''}layer ${head.layer}, head `
    + `${head.head}`;
}

/** How far the map in the cell may be believed. @param {Model} model @param {Head} head */
function believed(model, head) {
  const belief = beliefOf(model, head, model.overview.map);
  return belief ? el('p', { class: belief.doubtful ? 'caution' : 'quiet' }, belief.title) : null;
}

/**
 * What the pointer sees of a head: its name and few figures.
 * @param {Context} context @param {Head} head @param {string} [name] of its model, the selected one unless told
 */
export function headCard({ report, state }, head, name = state.get().model) {
  const model = report.model(name);
  if (!model) return [head.id];
  return [
    el('b', { class: 'tooltip-title' }, head.id), el('span', { class: 'quiet' }, ` ${headInWords(head)}`),
    el('dl', { class: 'tooltip-figures' }, ...cardStatistics(model, head).flatMap((statistic) => [
      el('dt', {}, statistic.title),
      el('dd', {}, figure(head.statistics[statistic.name], statistic.unit),
        errorOf(head.standard_errors?.[statistic.name], statistic.unit),
        statistic.unit === 'share' ? '' : ` ${statistic.unit}`),
    ])),
    hasMap(head, model.overview.map) ? believed(model, head) : el('p', { class: 'quiet' }, whyNoMap(model, head)),
  ];
}
