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
  return /** @type {[number, number, number]} */ ([0, 1, 2].map((i) => Math.round(from[i] + (to[i] - from[i]) * share)));
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

/** Viridis (matplotlib, CC0) at nine even steps; between them straight lines are close enough. */
const VIRIDIS = ['#440154', '#472d7b', '#3b528b', '#2c728e', '#21918c', '#28ae80', '#5ec962', '#addc30', '#fde725'].map(parseColor);

/** @param {number} t 0 to 1 @returns {Rgb} */
export function viridis(t) {
  const at = Math.min(Math.max(t, 0), 1) * (VIRIDIS.length - 1);
  const low = Math.min(Math.floor(at), VIRIDIS.length - 2);
  return mix(VIRIDIS[low], VIRIDIS[low + 1], at - low);
}

/** First palette index of a sequential scale; the two before it are query and key. */
export const SCALE_FIRST = 2;
export const SCALE_STEPS = 254;

/**
 * The 256 colours a cloud is painted with: query, key, then a sequential scale.
 * @param {Rgb} query
 * @param {Rgb} key
 * @returns {Uint8Array}
 */
export function makePalette(query, key) {
  const palette = new Uint8Array(256 * 3);
  palette.set(query, 0);
  palette.set(key, 3);
  for (let i = 0; i < SCALE_STEPS; i++) palette.set(viridis(i / (SCALE_STEPS - 1)), 3 * (SCALE_FIRST + i));
  return palette;
}

/** Palette index of a value in [0, 1] on the sequential scale. @param {number} t */
export function scaleIndex(t) {
  return SCALE_FIRST + Math.round(Math.min(Math.max(t, 0), 1) * (SCALE_STEPS - 1));
}
