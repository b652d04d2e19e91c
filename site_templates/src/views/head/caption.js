/**
 * What stands above a head's map: a sentence on what it shows, and its controls.
 * @import { Model } from '../../data/types.js'
 * @import { Selection } from '../../state/types.js'
 * @import { Focus, MapData } from './data.js'
 * @import { Context } from '../../parts/types.js'
 */
import { colorChoice } from '../../parts/color/color-choice.js';
import { choice, el } from '../../parts/element.js';
import { nameToken } from '../../parts/names.js';
import { count, percent, units } from '../../parts/numbers.js';
import { kindOf } from './data.js';
import { hasValueLengths } from './sizes.js';
import { unitOf } from '../../parts/stacks.js';

const SIZES = [
  { value: 'same', text: 'all alike' }, { value: 'norm', text: 'length of vector' },
  { value: 'value', text: 'length of value' },
];

/** @param {Context} context @param {Selection} selection */
export function headControls(context, selection) {
  const { report, state } = context;
  const { model } = selection;
  const maps = report.model(selection.model)?.maps ?? [];
  const map = maps.length > 1
    ? choice('Map', maps.map(({ id, title }) => ({ value: id, text: title })), selection.map,
      (id) => state.set({ map: id }))
    : el('span', { class: 'quiet' }, maps[0]?.title);
  const head = report.head(selection.model, selection.head);
  const sizes = SIZES.filter(({ value }) => value !== 'value' || (head && hasValueLengths(report, model, head)));
  const size = choice('Size', sizes, selection.size,
    (value) => state.set({ size: /** @type {Selection['size']} */ (value) }, { push: false }));
  return [...colorChoice(context, selection), size, map];
}

/** "6 keys", "query". @param {Focus} focus @param {'key' | 'query'} name */
function partners({ partners: { length } }, name) {
  return length === 1 ? name : `${count(length)} ${name === 'key' ? 'keys' : 'queries'}`;
}

/** All that the lines show. @param {Focus} focus */
function sumOf(focus) {
  return focus.partners.reduce((sum, { weight }) => sum + weight, 0);
}

/** "680 patches"; "64 target tokens and of 38 source tokens". @param {Model} model @param {MapData} data */
function sampled(model, { axes: [queries, keys] }) {
  const axes = queries.name === keys.name ? [queries] : [queries, keys];
  return axes.map(({ name, sample }) => units(sample.length, unitOf(model, name))).join(' and of ');
}

/**
 * What the picture shows, in a sentence.
 * @param {Model} model
 * @param {Selection} selection
 * @param {Focus | undefined} focus
 * @param {MapData} data
 */
export function describeHead(model, { token, side, least }, focus, data) {
  const total = data.cloud.count;
  if (!focus) {
    return [`${count(total)} points: the queries and keys of ${sampled(model, data)}. Select one to see what it `
      + `attends to.`];
  }
  if (focus.vertices[0].size + focus.vertices[1].size === 0) {
    return ['This document is not among those sampled for the map; the document view shows its attention.'];
  }
  if (token === null) {
    return ['The selected document’s queries and keys, among all others. Select a token to see its attention.'];
  }
  const tokens = focus.tokens[kindOf(side)];
  const name = el('b', { class: side }, el('bdi', {}, nameToken(tokens, token)));
  if (!focus.kept) return [`Selected ${side} `, name, ': the attention of its document is not in this report.'];
  if (focus.partners.length === 0) return [`Selected ${side} `, name,
      `: no weight in this document reaches ${percent(least)}.`];
  return side === 'query'
    ? ['Selected query ', name, ` and the ${partners(focus, 'key')} it looks at most, `
      + `${percent(sumOf(focus))} of its attention.`]
    : ['Selected key ', name, ` and the ${partners(focus, 'query')} that look at it most.`];
}
