/** The words for a model's stacks and axes. */

/** @import { Model, Stack } from '../data/types.js' */

/** @type {Record<string, string | undefined>} */
const NAMES = { encoder: 'Encoder', decoder: 'Decoder', cross: 'Cross-attention', vision: 'Vision' };

/** @param {string} stack */
export function stackName(stack) {
  return NAMES[stack] ?? stack;
}

/** @param {Stack} stack */
export function stackInWords({ kind, query_axis: queries, key_axis: keys }) {
  return kind === 'cross' ? `${queries} queries, ${keys} keys` : `among ${queries} ${queries === 'image' ? 'patches' : 'tokens'}`;
}

/** What an axis is made of: "token" or "patch", of which text where a model has several. @param {Model} model @param {string} name */
export function unitOf(model, name) {
  const axis = model.axes.find((candidate) => candidate.name === name);
  const unit = axis?.kind === 'image' ? 'patch' : 'token';
  return model.axes.length > 1 && axis?.kind !== 'image' ? `${name} ${unit}` : unit;
}
