/**
 * What lies over a head's cloud, few and exact: marks of a document's points, lines of attention, labels with a halo.
 * @import { PlacedLabel, LabelRequest, Rgb } from './types.js'
 * @typedef {{x: number, y: number, kind: number, color: string, radius: number, ring?: string}} Mark kind: 0 a dot,
 *   1 a diamond, 2 an empty square
 * @typedef {{x1: number, y1: number, x2: number, y2: number, width: number, alpha: number}} Line
 */
import { cssColor } from './color.js';

/**
 * @param {CanvasRenderingContext2D} context
 * @param {readonly Line[]} lines
 * @param {Rgb} color
 */
export function drawLines(context, lines, color) {
  context.save();
  context.strokeStyle = cssColor(color);
  context.lineCap = 'round';
  for (const line of lines) {
    context.globalAlpha = line.alpha;
    context.lineWidth = line.width;
    context.beginPath();
    context.moveTo(line.x1, line.y1);
    context.lineTo(line.x2, line.y2);
    context.stroke();
  }
  context.restore();
}

/** @param {CanvasRenderingContext2D} context @param {readonly Mark[]} marks */
export function drawMarks(context, marks) {
  for (const { x, y, kind, color, radius, ring } of marks) {
    context.beginPath();
    if (kind === 0) context.arc(x, y, radius, 0, 2 * Math.PI);
    else if (kind === 2) context.rect(x - radius, y - radius, 2 * radius, 2 * radius);
    else traceDiamond(context, x, y, radius * 1.3);
    context.fillStyle = color;
    if (kind !== 2) context.fill();
    if (ring) {
      context.lineWidth = kind === 2 ? 2 : 1.5;
      context.strokeStyle = ring;
      context.stroke();
    }
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} reach from its middle to each corner
 */
function traceDiamond(context, x, y, reach) {
  context.moveTo(x, y - reach);
  context.lineTo(x + reach, y);
  context.lineTo(x, y + reach);
  context.lineTo(x - reach, y);
  context.closePath();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {readonly PlacedLabel<LabelRequest & {color: string, font: string}>[]} labels
 * @param {Rgb} halo the page's colour
 */
export function drawLabels(context, labels, halo) {
  context.save();
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  context.lineWidth = 4;
  context.strokeStyle = cssColor(halo);
  for (const { label, x, y } of labels) {
    context.font = label.font;
    context.strokeText(label.text, x, y);
    context.fillStyle = label.color;
    context.fillText(label.text, x, y);
  }
  context.restore();
}
