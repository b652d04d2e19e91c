/** The words for a model's stacks and axes. */
import { WORDS } from '../format/words.js';
import { capital } from './names.js';
import { manyOf } from './numbers.js';

/** @import { AxisEntry, Model, Stack } from '../data/types.js' */

/** @type {Record<string, string | undefined>} */
const NAMES = { encoder: 'Encoder', decoder: 'Decoder', cross: 'Cross-attention', vision: 'Vision' };
/** Who sees whom where attention is divided. @type {Record<string, string | undefined>} */
const DIVIDED = { time: 'patches through time', space: 'patches within a frame' };

/** @param {string} stack */
export function stackName(stack) {
  return NAMES[stack] ?? capital(stack.replace(/(\D)(\d)/, '$1 $2').replace('-', ', '));
}

/** @param {Model} model @param {Stack} stack */
export function stackInWords(model, { name, kind, query_axis: queries, key_axis: keys }) {
  const divided = name === queries && model.axes.find((axis) => axis.name === name)?.places;
  if (divided) return DIVIDED[name] ?? 'patches within windows';
  return kind === 'cross' ? `${queries} queries, ${keys} keys` : `among ${manyOf(unitOf(model, queries))}`;
}

/**
 * What an axis is made of: "token" or "patch", of which axis where a model has several such.
 * @param {Model} model
 * @param {string} name
 */
export function unitOf(model, name) {
  const kind = model.axes.find((axis) => axis.name === name)?.kind;
  const unit = pieceOf(kind ?? 'text');
  return model.axes.filter((axis) => axis.kind === kind).length > 1 ? `${name} ${unit}` : unit;
}

/** What an axis of a kind is made of. @param {AxisEntry['kind']} kind */
export function pieceOf(kind) {
  return WORDS.pieces[kind];
}
