/**
 * The outline of the selected part of a map, and of one that is being drawn.
 * @import { Rgb } from '../../draw/types.js'
 */
import { cssColor } from '../../draw/color.js';

const DASH = [5, 4];
const FILLED = 0.06;

/**
 * @param {CanvasRenderingContext2D} ink
 * @param {readonly {x: number, y: number}[]} corners in pixels
 * @param {Rgb} color
 */
export function drawOutline(ink, corners, color) {
  ink.save();
  ink.beginPath();
  corners.forEach(({ x, y }, i) => (i === 0 ? ink.moveTo(x, y) : ink.lineTo(x, y)));
  ink.closePath();
  ink.fillStyle = cssColor(color);
  ink.globalAlpha = FILLED;
  ink.fill();
  ink.globalAlpha = 1;
  ink.strokeStyle = cssColor(color);
  ink.lineWidth = 1.5;
  ink.setLineDash(DASH);
  ink.stroke();
  ink.restore();
}

/**
 * The corners of a box by two opposite ones.
 * @param {{x: number, y: number}} from
 * @param {{x: number, y: number}} to
 */
export function boxCorners(from, to) {
  return [from, { x: to.x, y: from.y }, to, { x: from.x, y: to.y }];
}
