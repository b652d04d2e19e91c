/**
 * The colours that points are painted with: 256 at most, a palette made anew for each theme.
 * Slots 0 and 1 are query and key, 2 is what has no value, and the rest belong to the mode.
 * @import { Rgb } from './types.js'
 */
import { luminance, mix, parseColor } from './color.js';

export const QUERY = 0;
export const KEY = 1;
export const NONE = 2;
/** The first slot of a mode's own colours, and how many there are. */
export const FIRST = 3;
export const SLOTS = 253;

/** Viridis (matplotlib, CC0) at nine even steps; between them straight lines are close enough. */
const VIRIDIS = ['#440154', '#472d7b', '#3b528b', '#2c728e', '#21918c', '#28ae80', '#5ec962', '#addc30', '#fde725'].map(parseColor);

/** Its ends are left out where they would sink into the page. @type {Record<'light' | 'dark', [number, number]>} */
const SHOWN = { light: [0, 0.86], dark: [0.22, 1] };

/**
 * Eight colours that stay apart under normal sight, protanopia, deuteranopia and tritanopia, and stand out from the
 * page: found by search; the test measures them.
 */
const CATEGORIES = {
  light: ['#3556fc', '#d36415', '#2fa483', '#ae4bae', '#8bb8da', '#832e12', '#cfac17', '#583c82'].map(parseColor),
  dark: ['#5da1ff', '#dc9904', '#10db9f', '#eb4e96', '#b6d7ff', '#926447', '#f5dc3e', '#7961d9'].map(parseColor),
};

/** Quiet tones for values beyond the eight: the same value always has the same, several may share one. */
export const TONES = 24;

/** @param {Rgb} page @returns {'light' | 'dark'} */
function themeOf(page) {
  return luminance(page) < 0.2 ? 'dark' : 'light';
}

/** The sequential scale on a page. @param {number} t 0 to 1 @param {Rgb} page @returns {Rgb} */
export function ramp(t, page) {
  const [low, high] = SHOWN[themeOf(page)];
  return viridis(low + (high - low) * Math.min(Math.max(t, 0), 1));
}

/** @param {number} t 0 to 1 @returns {Rgb} */
export function viridis(t) {
  const at = Math.min(Math.max(t, 0), 1) * (VIRIDIS.length - 1);
  const low = Math.min(Math.floor(at), VIRIDIS.length - 2);
  return mix(VIRIDIS[low], VIRIDIS[low + 1], at - low);
}

/** @param {Rgb} page */
export function categories(page) {
  return CATEGORIES[themeOf(page)];
}

/** @param {Rgb} page @returns {Rgb[]} */
export function tones(page) {
  const dark = themeOf(page) === 'dark';
  return Array.from({ length: TONES }, (_, i) => hsl((360 * i) / TONES, 0.26, dark ? 0.46 : 0.62));
}

/** Hue in degrees, saturation and lightness from 0 to 1. @param {number} h @param {number} s @param {number} l @returns {Rgb} */
function hsl(h, s, l) {
  const channel = (/** @type {number} */ n) => {
    const k = (n + h / 30) % 12;
    return Math.round(255 * (l - s * Math.min(l, 1 - l) * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}

/**
 * The 256 colours of a mode.
 * @param {{query: Rgb, key: Rgb, quiet: Rgb, page: Rgb}} colors the theme's
 * @param {readonly Rgb[]} own the mode's, from FIRST on
 * @returns {Uint8Array} red, green, blue of each
 */
export function makePalette({ query, key, quiet, page }, own) {
  const palette = new Uint8Array(256 * 3);
  [query, key, mix(page, quiet, 0.45), ...own].forEach((color, slot) => palette.set(color, 3 * slot));
  return palette;
}

/** How much of the page the other colours take on where one stands out. */
const RETREAT = 0.86;

/** A palette in which one slot stands out. @param {Uint8Array} palette @param {number} slot −1 for none @param {Rgb} page */
export function emphasise(palette, slot, page) {
  if (slot < 0) return palette;
  return palette.map((value, i) => (Math.floor(i / 3) === slot ? value : Math.round(value + (page[i % 3] - value) * RETREAT)));
}

/** All slots as the sequential scale. @param {Rgb} page */
export function rampSlots(page) {
  return Array.from({ length: SLOTS }, (_, i) => ramp(i / (SLOTS - 1), page));
}

/** The slot of a value on the sequential scale. @param {number} t 0 to 1; NaN has no colour */
export function rampSlot(t) {
  return Number.isNaN(t) ? NONE : FIRST + Math.round(Math.min(Math.max(t, 0), 1) * (SLOTS - 1));
}

/**
 * Slots for colours as they are, and the colours of these slots: exact while there are few, else each is the mean of
 * like ones.
 * @param {readonly (Rgb | null)[]} colors null has no colour
 * @returns {{slots: Uint8Array, own: Rgb[]}}
 */
export function quantiseColors(colors) {
  for (let step = 1; ; step++) {
    /** @type {Map<number, number[]>} red, green, blue, count of each cell of a grid */
    const cells = new Map();
    const cellOf = (/** @type {Rgb} */ [r, g, b]) => (Math.floor(r / step) * 256 + Math.floor(g / step)) * 256 + Math.floor(b / step);
    for (const color of colors) {
      if (!color) continue;
      const sum = cells.get(cellOf(color)) ?? [0, 0, 0, 0];
      color.forEach((value, i) => {
        sum[i] += value;
      });
      sum[3]++;
      cells.set(cellOf(color), sum);
      if (cells.size > SLOTS) break;
    }
    if (cells.size > SLOTS) continue;
    const slotOf = new Map([...cells.keys()].map((cell, i) => [cell, FIRST + i]));
    return {
      slots: Uint8Array.from(colors, (color) => (color ? slotOf.get(cellOf(color)) ?? NONE : NONE)),
      own: [...cells.values()].map(([r, g, b, count]) => /** @type {[number, number, number]} */ ([r, g, b].map((value) => Math.round(value / count)))),
    };
  }
}
