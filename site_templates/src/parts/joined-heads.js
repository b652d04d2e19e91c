/**
 * Which heads are made into one, and why they cannot be where they cannot.
 * @import { Model } from '../data/types.js'
 * @import { AggregateKind, Selection } from '../state/types.js'
 * @import { Context, Head } from './types.js'
 */
import { count } from './numbers.js';

/** Longer documents would take minutes. */
const MOST_TOKENS = 1024;
/** A weight for each pair of tokens, layer by layer: a quarter of a gigabyte. */
const MOST_WEIGHTS = 2 ** 25;

/**
 * The heads that are joined: of one layer, or of the whole stack; layers in order.
 * @param {readonly Head[]} heads of the model
 * @param {Head} head
 * @param {AggregateKind} kind
 */
export function joinedHeads(heads, head, kind) {
  const joined = heads.filter(({ stack, layer }) => stack === head.stack && (kind !== 'layer' || layer === head.layer));
  /** @type {Map<number, Head[]>} */
  const layers = new Map();
  for (const member of joined) layers.set(member.layer, [...layers.get(member.layer) ?? [], member]);
  return [...layers.values()].sort(([a], [b]) => a.layer - b.layer);
}

/**
 * Why attention cannot be followed through a head's stack, or '' if it can.
 * @param {Model} model
 * @param {readonly Head[]} heads of the model
 * @param {Head} head
 */
export function whyNoRollout(model, heads, { stack, stackInfo }) {
  if (stackInfo.query_axis !== stackInfo.key_axis) {
    return 'Rollout follows attention from layer to layer; these heads attend from one sequence to another.';
  }
  if (model.axes.find(({ name }) => name === stackInfo.query_axis)?.places) {
    return 'Rollout follows attention from layer to layer; these attend within windows, and layers between them cut '
      + 'the picture anew.';
  }
  const layers = new Set(heads.filter((head) => head.stack === stack).map(({ layer }) => layer));
  return layers.size < stackInfo.layers
    ? `Rollout needs every layer, and this report has ${count(layers.size)} of ${count(stackInfo.layers)}.` : '';
}

/**
 * Why a document is too long for a mean of so many layers, or ''.
 * @param {number} layers
 * @param {number} longest tokens on the longer axis
 */
export function whyTooLong(layers, longest) {
  const most = Math.min(MOST_TOKENS, Math.floor(Math.sqrt(MOST_WEIGHTS / layers)));
  if (longest <= most) return '';
  return `This document has ${count(longest)} tokens. Attention of several heads at once is computed in this page, `
    + `for documents of up to ${count(most)}.`;
}

/**
 * Why the attention that a selection asks for cannot be shown, or '' if it can.
 * @param {Pick<Context, 'report'>} context
 * @param {Selection} selection
 * @param {Head} head
 * @param {number} longest
 */
export function whyNot({ report }, { model: name, aggregate }, head, longest) {
  const model = report.model(name);
  const heads = report.heads(name);
  return (aggregate === 'rollout' && model && whyNoRollout(model, heads, head))
    || whyTooLong(joinedHeads(heads, head, aggregate).length, longest);
}
