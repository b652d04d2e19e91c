/**
 * The frame of a solid map as the edges of a cube: it shows how the picture is turned.
 * @import { Panel, Rgb } from './types.js'
 */
import { cssColor } from './color.js';
import { toPixels } from './project.js';

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Panel} panel
 * @param {readonly number[]} low the frame's corners in the unit cube
 * @param {readonly number[]} high
 * @param {Rgb} color
 */
export function drawBox(context, panel, low, high, color) {
  const corner = (/** @type {number} */ index) => toPixels(panel, index & 1 ? high[0] : low[0], index & 2 ? high[1] : low[1], index & 4 ? high[2] : low[2]);
  context.save();
  context.strokeStyle = cssColor(color);
  context.lineWidth = 1;
  context.beginPath();
  for (let a = 0; a < 8; a++) {
    for (const bit of [1, 2, 4]) {
      if (a & bit) continue;
      const [from, to] = [corner(a), corner(a | bit)];
      context.moveTo(from.x, from.y);
      context.lineTo(to.x, to.y);
    }
  }
  context.stroke();
  context.restore();
}
