/** What the attention of several heads is, in words, and what stands in its place where it cannot be computed. */
import { joinedHeads } from './joined-heads.js';
import { el } from './element.js';
import { plural, roughPercent } from './numbers.js';
import { stackName } from './stacks.js';

/** @import { Report } from '../data/report.js' */
/** @import { Selection } from '../state/types.js' */
/** @import { Head } from './types.js' */

/**
 * "all 72 heads"; of which stack, where a model has several.
 * @param {readonly Head[]} heads of the model
 * @param {Head} head
 */
export function allHeads(heads, head) {
  const joined = joinedHeads(heads, head, 'all').flat();
  const several = heads.some(({ stack }) => stack !== head.stack);
  return `all ${plural(joined.length, 'head')}${several ? ` of ${stackName(head.stack).toLowerCase()}` : ''}`;
}

/** '' for one head's own attention. @param {Report} report @param {Selection} selection */
export function aggregateInWords(report, { model, head: id, aggregate, residual, discard }) {
  const head = report.head(model, id);
  if (aggregate === 'head' || !head) return '';
  const layers = joinedHeads(report.heads(model), head, aggregate);
  const heads = plural(layers.flat().length, 'head');
  if (aggregate === 'layer') {
    return `Shown is the mean over the ${heads} of layer ${head.layer}: each counts alike, whatever it does.`;
  }
  if (aggregate === 'all') {
    return `Shown is the mean over ${allHeads(report.heads(model), head)}: each counts alike, whatever it does.`;
  }
  const left = discard > 0 ? `, without the least attended ${roughPercent(discard)} of keys` : '';
  return `Shown is attention rollout: how much of a token after layer ${layers[layers.length - 1][0].layer} comes `
    + `from each token of the input, if each layer passed on the mean attention of its heads${left}, and `
    + `${roughPercent(residual)} of each token unchanged.`;
}

/** @param {string} reason @param {Head} head @param {() => void} onBack */
export function aggregateProblem(reason, head, onBack) {
  return el('div', { class: 'problem plain' }, el('b', {}, 'This cannot be shown here.'), el('p', {}, reason),
    el('button', { type: 'button', class: 'link-button', onclick: onBack }, `Show the attention of ${head.id}`));
}
