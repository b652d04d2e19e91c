/** Corpus order: which document and token an index is. */

/** @import { AxisLayout } from './types.d.ts' */

/**
 * Where each document's tokens stand in corpus order.
 * @param {Uint32Array} lengths tokens of each document
 * @returns {AxisLayout}
 */
export function layOut(lengths) {
  const offsets = new Uint32Array(lengths.length + 1);
  for (let d = 0; d < lengths.length; d++) offsets[d + 1] = offsets[d] + lengths[d];
  return { lengths, offsets, locate: (index) => locate(offsets, index) };
}

/**
 * The document and token of an index in corpus order, by bisection; empty documents hold no index.
 * @param {Uint32Array} offsets
 * @param {number} index
 */
function locate(offsets, index) {
  let low = 0;
  let high = offsets.length - 1;
  if (!(index >= 0 && index < offsets[high])) {
    throw new RangeError(`The axis has ${offsets[high]} tokens and none numbered ${index}.`);
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (offsets[middle] <= index) low = middle;
    else high = middle;
  }
  return { document: low, token: index - offsets[low] };
}
