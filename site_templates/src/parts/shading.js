/**
 * How shares become shades: which are shaded at all, and how strongly. Numbers stay what they are.
 * @import { Selection } from '../state/types.js'
 */
import { HEAT_EXPONENT, HEAT_STEPS, LEAST_TOP } from '../draw/heat.js';

/** A level for what a mask forbids. */
export const MASKED = 255;
/** On the logarithmic scale, so many powers of ten below the strongest shade is none. */
const DECADES = 3;

/** @typedef {Pick<Selection, 'scale' | 'exponent' | 'cut' | 'ignore'>} Scale */
/**
 * @typedef {object} Shade
 * @property {Float64Array} values shares, or sums of shares; NaN for hidden tokens
 * @property {Uint8Array} levels 0 to HEAT_STEPS, or MASKED
 * @property {number} top the value of the strongest shade
 * @property {number} least values up to it are not shaded
 */

/** @type {Scale} */
export const USUAL_SCALE = { scale: 'power', exponent: HEAT_EXPONENT, cut: null, ignore: 0 };

/**
 * @param {Float64Array} values
 * @param {(token: number) => boolean} masked
 * @param {Scale} scale
 * @returns {Shade}
 */
export function shade(values, masked, scale) {
  const levels = new Uint8Array(values.length);
  let largest = 0;
  let count = 0;
  let sum = 0;
  // What counts: tokens that the mask allows, that are not hidden and not ignored.
  for (let i = 0; i < values.length; i++) {
    if (masked(i)) levels[i] = MASKED;
    else if (i >= scale.ignore && values[i] >= 0) {
      count++;
      sum += values[i];
      if (values[i] > largest) largest = values[i];
    }
  }
  const counts = (/** @type {number} */ i) => i >= scale.ignore && levels[i] !== MASKED && values[i] >= 0;
  const least = scale.cut === null || count === 0 ? 0 : threshold(values, counts, sum / count, count, scale.cut);
  const top = Math.max(largest, LEAST_TOP);
  const level = levelOf(scale);
  for (let i = 0; i < values.length; i++) if (counts(i) && values[i] > least) levels[i] = level(values[i] / top);
  return { values, levels, top, least };
}

/**
 * Mean + cut · σ, with σ² the mean squared distance from the mean.
 * @param {Float64Array} values @param {(i: number) => boolean} counts @param {number} mean @param {number} count
 * @param {number} cut
 */
function threshold(values, counts, mean, count, cut) {
  let squares = 0;
  for (let i = 0; i < values.length; i++) if (counts(i)) squares += (values[i] - mean) ** 2;
  return mean + cut * Math.sqrt(squares / count);
}

/**
 * The level of a value by its part of the strongest, 0 to 1.
 * @param {Pick<Scale, 'scale' | 'exponent'>} scale
 * @returns {(part: number) => number}
 */
export function levelOf({ scale, exponent }) {
  if (scale === 'power') return (part) => (part > 0 ? Math.round(Math.min(part, 1) ** exponent * HEAT_STEPS) : 0);
  return (part) => (part > 0 ? Math.round(Math.max(1 + Math.log10(Math.min(part, 1)) / DECADES, 0) * HEAT_STEPS) : 0);
}
