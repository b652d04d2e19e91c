/**
 * The shading of tokens: a fixed ladder of backgrounds, made once per theme, so that a hover only picks strings.
 * @import { Rgb } from './types.js'
 */
import { contrast, cssColor, mix } from './color.js';

/** Rungs of the ladder above "no shade". */
export const HEAT_STEPS = 64;

/** Small probabilities would vanish on a straight scale; with this exponent 1 % is still seen. */
export const HEAT_EXPONENT = 0.55;

/** How much of an image the strongest shade hides. */
const MOST_VEIL = 0.86;

/** Contrast of text that can be read (WCAG 2, AA). One of black and white always reaches it. */
const READABLE = 4.5;
/** @type {Rgb} */
const WHITE = [255, 255, 255];
/** @type {Rgb} */
const BLACK = [0, 0, 0];

/**
 * @typedef {object} Heat
 * @property {readonly string[]} background CSS colour of each level, '' for level 0
 * @property {readonly string[]} ink CSS colour of the text where the page's cannot be read, else ''
 * @property {readonly Rgb[]} colors the backgrounds as numbers, for canvases
 * @property {readonly string[]} veil the accent, more opaque with each level: for shading images, as strongly as the
 *   property --overlay of what is shaded says, 1 unless told
 */

/**
 * The ladder of a theme.
 * @param {Rgb} page what level 0 looks like
 * @param {Rgb} accent the strongest level
 * @param {Rgb} ink the page's text
 * @returns {Heat}
 */
export function makeHeat(page, accent, ink) {
  const colors = Array.from({ length: HEAT_STEPS + 1 }, (_, level) => mix(page, accent, level / HEAT_STEPS));
  /** @param {number} level */
  const veil = (level) => (
    `rgb(${accent.join(' ')} / calc(var(--overlay, 1) * ${(MOST_VEIL * level / HEAT_STEPS).toFixed(3)}))`);
  const { background, ink: inks } = inksOn(colors, ink);
  return {
    colors, ink: inks,
    veil: colors.map((_, level) => (level === 0 ? '' : veil(level))),
    background: background.map((color, level) => (level === 0 ? '' : color)),
  };
}

/**
 * Backgrounds as CSS has them, and the ink of text on each: '' where the page's can be read.
 * @param {readonly Rgb[]} colors @param {Rgb} ink the page's text
 */
export function inksOn(colors, ink) {
  return {
    background: colors.map(cssColor),
    ink: colors.map((color) => (contrast(ink, color) >= READABLE ? '' : cssColor(readableOn(color)))),
  };
}

/** Black or white, whichever can be read better. @param {Rgb} ground */
function readableOn(ground) {
  return contrast(WHITE, ground) > contrast(BLACK, ground) ? WHITE : BLACK;
}

/** The strongest shade stands for no less than this, so that a faint share is never painted strong. */
export const LEAST_TOP = 0.05;

/** The level of one value, 0 to HEAT_STEPS. @param {number} value @param {number} largest */
export function heatLevel(value, largest) {
  if (!(value > 0) || !(largest > 0)) return 0;
  return Math.round(Math.min(value / largest, 1) ** HEAT_EXPONENT * HEAT_STEPS);
}
