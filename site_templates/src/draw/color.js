/**
 * Colours as numbers: reading the page's, mixing, telling which ink can be read on which ground.
 * @import { Rgb } from './types.js'
 */

/** @param {string} text "#rrggbb" or "#rgb" @returns {Rgb} */
export function parseColor(text) {
  const digits = text.trim().replace(/^#/, '');
  const full = digits.length === 3 ? digits.replace(/./g, '$&$&') : digits;
  if (!/^[0-9a-f]{6}$/i.test(full)) throw new RangeError(`not a #rrggbb colour: ${text}`);
  return /** @type {[number, number, number]} */ ([0, 2, 4].map((i) => parseInt(full.slice(i, i + 2), 16)));
}

/** @param {Rgb} from @param {Rgb} to @param {number} share of `to`, 0 to 1 @returns {Rgb} */
export function mix(from, to, share) {
  const mixed = [0, 1, 2].map((i) => Math.round(from[i] + (to[i] - from[i]) * share));
  return /** @type {[number, number, number]} */ (mixed);
}

/** @param {Rgb} color */
export function cssColor([r, g, b]) {
  return `rgb(${r},${g},${b})`;
}

/** Relative luminance, 0 to 1, as WCAG 2 defines it. @param {Rgb} color */
export function luminance(color) {
  const [r, g, b] = color.map((value) => {
    const s = value / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast ratio of WCAG 2, 1 to 21. @param {Rgb} a @param {Rgb} b */
export function contrast(a, b) {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}
