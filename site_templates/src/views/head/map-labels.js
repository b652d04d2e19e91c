/**
 * Names on a head's map, as wide as their text is.
 * @import { LabelRequest } from '../../draw/types.js'
 */

/** @typedef {LabelRequest & {color: string, font: string}} Label */
/**
 * @typedef {{color: string, font: string, gap: number}} LabelStyle `gap`: between the place and the text, in CSS pixels
 */

const FAMILY = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const HEIGHT = 17;

/** The fonts of names: of the selected token, of its partners, of all others, of regions. */
export const FONTS = {
  region: `600 13px ${FAMILY}`, selected: `600 14px ${FAMILY}`, partner: `600 13px ${FAMILY}`, other: `12px ${FAMILY}`,
};

/** Widths of texts, which canvases are slow to tell. @type {Map<string, number>} */
const widths = new Map();
const MOST_WIDTHS = 5000;

/**
 * @param {CanvasRenderingContext2D} ink
 * @param {{x: number, y: number}} place
 * @param {string} text
 * @param {LabelStyle} style
 * @returns {Label}
 */
export function makeLabel(ink, { x, y }, text, { color, font, gap }) {
  return { text, x, y, width: widthOf(ink, text, font), height: HEIGHT, gap, color, font };
}

/** @param {CanvasRenderingContext2D} ink @param {string} text @param {string} font */
function widthOf(ink, text, font) {
  const key = `${font} ${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  if (widths.size > MOST_WIDTHS) widths.clear();
  ink.font = font;
  const { width } = ink.measureText(text);
  widths.set(key, width);
  return width;
}
