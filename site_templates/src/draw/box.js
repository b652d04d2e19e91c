/**
 * The extent of a solid map as the edges of a cube: they show how the map is turned.
 * @import { Panel, Rgb } from './types.js'
 */
import { cssColor } from './color.js';
import { toPixels } from './project.js';

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Panel} panel
 * @param {readonly number[]} low the cube's corners, in the unit cube of the cloud's codes
 * @param {readonly number[]} high
 * @param {Rgb} color
 */
export function drawBox(context, panel, low, high, color) {
  // A corner's index has a bit for each coordinate: set where it is the high one. An edge changes one bit.
  const corner = (/** @type {number} */ index) => {
    const [x, y, z] = [0, 1, 2].map((k) => (index & (1 << k) ? high[k] : low[k]));
    return toPixels(panel, x, y, z);
  };
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
