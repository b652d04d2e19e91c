/** Channels of a vector as bars above and below zero. */
import { cssColor } from '../../draw/color.js';
import { categories } from '../../draw/palette.js';

/** @import { Rgb } from '../../draw/types.js' */

/** @typedef {{above: Rgb, below: Rgb, line: Rgb}} BarColors */

/** Colours of products: what adds to a score, and what takes from it. @param {Rgb} page @param {Rgb} line */
export function signColors(page, line) {
  const [above, below] = categories(page);
  return { above, below, line };
}

/** The largest size among values. @param {ArrayLike<number>} values */
export function largestSize(values) {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  return largest;
}

/**
 * @typedef {object} Bars
 * @property {{width: number, height: number}} room in CSS pixels
 * @property {ArrayLike<number>} values
 * @property {readonly number[]} order channels from left to right
 * @property {number} top the value that fills half of the height
 * @property {BarColors} colors
 */

/** @param {HTMLCanvasElement} canvas @param {Bars} bars */
export function drawBars(canvas, bars) {
  const { width, height } = bars.room;
  const ratio = window.devicePixelRatio || 1;
  Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
  const ink = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  ink.setTransform(ratio, 0, 0, ratio, 0, 0);
  paintBars(ink, bars);
}

/** @param {CanvasRenderingContext2D} ink in CSS pixels @param {Bars} bars */
export function paintBars(ink, { room: { width, height }, values, order, top, colors }) {
  const step = width / order.length;
  const middle = height / 2;
  ink.fillStyle = cssColor(colors.line);
  ink.fillRect(0, middle - 0.5, width, 1);
  order.forEach((channel, i) => {
    const size = top > 0 ? Math.min(1, Math.abs(values[channel]) / top) * (middle - 1) : 0;
    ink.fillStyle = cssColor(values[channel] < 0 ? colors.below : colors.above);
    ink.fillRect(i * step, values[channel] < 0 ? middle : middle - size, Math.max(step * 0.8, 0.6), size);
  });
}
