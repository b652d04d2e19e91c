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
const VIRIDIS = [
  '#440154', '#472d7b', '#3b528b', '#2c728e', '#21918c', '#28ae80', '#5ec962', '#addc30', '#fde725',
].map(parseColor);

/**
 * The part of it in use: the end that would sink into the page is left out.
 * @type {Record<'light' | 'dark', [number, number]>}
 */
const RANGE = { light: [0, 0.86], dark: [0.22, 1] };

/**
 * Eight colours that stay apart under normal sight, protanopia, deuteranopia and tritanopia, and stand out from the
 * page: found by search; the test measures them.
 */
const CATEGORIES = {
  light: ['#3556fc', '#d36415', '#2fa483', '#ae4bae', '#8bb8da', '#832e12', '#cfac17', '#583c82'].map(parseColor),
  dark: ['#5da1ff', '#dc9904', '#10db9f', '#eb4e96', '#b6d7ff', '#926447', '#f5dc3e', '#7961d9'].map(parseColor),
};

/** Quiet tones for values beyond the eight: a value always has the same tone, and several values may share one. */
export const TONES = 24;

/** @param {Rgb} page @returns {'light' | 'dark'} */
function themeOf(page) {
  return luminance(page) < 0.2 ? 'dark' : 'light';
}

/** The sequential scale on a page. @param {number} t 0 to 1 @param {Rgb} page @returns {Rgb} */
export function ramp(t, page) {
  const [low, high] = RANGE[themeOf(page)];
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

/**
 * @param {number} h hue, in degrees
 * @param {number} s saturation, 0 to 1
 * @param {number} l lightness, 0 to 1
 * @returns {Rgb}
 */
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
 * @param {readonly Rgb[]} modeColors from slot FIRST on
 * @returns {Uint8Array} red, green, blue of each
 */
export function makePalette({ query, key, quiet, page }, modeColors) {
  const palette = new Uint8Array(256 * 3);
  [query, key, mix(page, quiet, 0.45), ...modeColors].forEach((color, slot) => palette.set(color, 3 * slot));
  return palette;
}

/** How far the other colours go towards the page where one stands out. */
const RETREAT = 0.86;

/**
 * A palette in which one slot stands out.
 * @param {Uint8Array} palette
 * @param {number} slot −1 for none
 * @param {Rgb} page
 */
export function emphasise(palette, slot, page) {
  if (slot < 0) return palette;
  const retreat = (/** @type {number} */ value, /** @type {number} */ ground) => value + (ground - value) * RETREAT;
  return palette.map((value, i) => (Math.floor(i / 3) === slot ? value : Math.round(retreat(value, page[i % 3]))));
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
 * Slots for colours as they are, and the colours of these slots, from FIRST on: exact while there are few, else each is
 * the mean of similar ones.
 * @param {readonly (Rgb | null)[]} colors null has no colour
 * @returns {{slots: Uint8Array, modeColors: Rgb[]}}
 */
export function quantiseColors(colors) {
  // Cells of a grid, coarser each time, until there are no more of them than slots.
  let step = 1;
  let cells = sumCells(colors, step);
  while (!cells) cells = sumCells(colors, ++step);
  const slotOf = new Map([...cells.keys()].map((cell, i) => [cell, FIRST + i]));
  return {
    slots: Uint8Array.from(colors, (color) => (color ? slotOf.get(cellOf(color, step)) ?? NONE : NONE)),
    modeColors: [...cells.values()].map(([r, g, b, count]) => [
      Math.round(r / count), Math.round(g / count), Math.round(b / count),
    ]),
  };
}

/** The cell of a colour in a grid of cubes. @param {Rgb} color @param {number} step side of a cube */
function cellOf(color, step) {
  const [r, g, b] = color.map((value) => Math.floor(value / step));
  return (r * 256 + g) * 256 + b;
}

/**
 * The sums of red, green and blue and the number of colours in each cell of a grid.
 * @param {readonly (Rgb | null)[]} colors
 * @param {number} step side of a cell
 * @returns {Map<number, [number, number, number, number]> | undefined} undefined where there are more cells than slots
 */
function sumCells(colors, step) {
  /** @type {Map<number, [number, number, number, number]>} */
  const cells = new Map();
  for (const color of colors) {
    if (!color) continue;
    const cell = cellOf(color, step);
    const [r, g, b, count] = cells.get(cell) ?? [0, 0, 0, 0];
    cells.set(cell, [r + color[0], g + color[1], b + color[2], count + 1]);
    if (cells.size > SLOTS) return undefined;
  }
  return cells;
}
