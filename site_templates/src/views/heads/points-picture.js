/** What is drawn around the points of heads: axes with their numbers, and names where there is room. */
import { placeLabels } from '../../draw/labels.js';
import { ticks } from '../../draw/ticks.js';
import { columnsOf } from '../../state/head-columns.js';
import { isShare } from '../../state/layout.js';
import { figureInWords } from '../../parts/numbers.js';
import { svg } from '../../parts/svg.js';

/** @import { Model } from '../../data/types.js' */
/** @import { Rect } from '../../draw/types.js' */
/** @import { Column } from '../../state/head-columns.js' */
/** @import { Point } from '../../state/heads-points.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Head } from '../../parts/types.js' */

/** Of a point, in CSS pixels. */
export const RADIUS = 5.5;
/** A letter of a name is about so wide. */
const LETTER = 7;
const MOST_NAMES = 100;
/** Room for numbers and titles around the points. */
const MARGIN = { left: 62, right: 18, top: 14, bottom: 46 };

/** @typedef {{x: [number, number], y: [number, number]}} Extent the least and the largest value of each axis */

/** Where the points are within a drawing. @param {number} width @param {number} height @returns {Rect} */
export function plotBox(width, height) {
  return {
    x: MARGIN.left,
    y: MARGIN.top,
    width: Math.max(1, width - MARGIN.left - MARGIN.right),
    height: Math.max(1, height - MARGIN.top - MARGIN.bottom),
  };
}

/** What tells the place of a point in a box. @param {Rect} box @param {Extent} extent */
export function placerIn(box, extent) {
  /** @param {{x: number, y: number}} point */
  return ({ x, y }) => ({
    x: box.x + (box.width * (x - extent.x[0])) / (extent.x[1] - extent.x[0]),
    y: box.y + box.height * (1 - (y - extent.y[0]) / (extent.y[1] - extent.y[0])),
  });
}

/** @param {Model} model @param {Selection} selection @param {Head} head */
export function nameOf(model, { show, x, y }, head) {
  if (show === 'likeness') return head.id;
  const columns = columnsOf(model).filter(({ name }) => name === x || name === y);
  const figures = columns.map((column) => figureInWords(column, column.value(head), column.error?.(head)));
  return [head.id, ...figures].join(', ');
}

/**
 * Lines, numbers and titles.
 * @param {Model} model
 * @param {Selection} selection
 * @param {Extent} extent
 * @param {Rect} box
 */
export function axes(model, selection, extent, box) {
  const columns = columnsOf(model);
  const across = columns.find(({ name }) => name === selection.x);
  const up = columns.find(({ name }) => name === selection.y);
  const right = box.x + box.width;
  const bottom = box.y + box.height;
  return [
    ...numbers(extent.x, box.width / 90, across?.unit ?? '').flatMap(({ text, at }) => {
      const x = box.x + box.width * at;
      return [svg('line', { class: 'grid-line', x1: x, x2: x, y1: box.y, y2: bottom }),
        svg('text', { class: 'tick', x, y: bottom + 17, 'text-anchor': 'middle' }, text)];
    }),
    ...numbers(extent.y, box.height / 60, up?.unit ?? '').flatMap(({ text, at }) => {
      const y = bottom - box.height * at;
      return [svg('line', { class: 'grid-line', x1: box.x, x2: right, y1: y, y2: y }),
        svg('text', { class: 'tick', x: box.x - 8, y: y + 4, 'text-anchor': 'end' }, text)];
    }),
    axisTitle(across, { x: right, y: bottom + 37 }),
    axisTitle(up, { transform: `translate(14 ${box.y}) rotate(-90)` }),
  ];
}

/** @param {Column | undefined} column @param {Record<string, string | number>} place */
function axisTitle(column, place) {
  const unit = column && !isShare(column.unit) && column.unit !== '' ? `(${column.unit})` : '';
  const title = [column?.title, unit].filter(Boolean).join(' ');
  return svg('text', { class: 'axis-title', ...place, 'text-anchor': 'end' }, `${title} →`);
}

/**
 * The numbers along an axis.
 * @param {[number, number]} ends
 * @param {number} about how many
 * @param {string} unit
 */
function numbers([low, high], about, unit) {
  const factor = isShare(unit) ? 100 : 1;
  const { values, digits } = ticks(low * factor, high * factor, Math.max(2, about));
  return values.map((value) => ({
    text: `${value.toFixed(digits).replace(/^-/, '−')}${factor === 100 ? ' %' : ''}`,
    at: (value / factor - low) / (high - low),
  }));
}

/**
 * Names beside points, while they find room.
 * @param {readonly Point[]} points
 * @param {(point: Point) => {x: number, y: number}} place
 * @param {Rect} bounds
 */
export function names(points, place, bounds) {
  const places = points.map((point) => ({ ...place(point), id: point.head.id }));
  const dots = places.map(({ x, y }) => ({ x: x - RADIUS, y: y - RADIUS, width: 2 * RADIUS, height: 2 * RADIUS }));
  const labels = places.map(({ x, y, id }) => (
    { text: id, x, y, width: LETTER * id.length, height: 14, gap: RADIUS + 7 }));
  return placeLabels(labels, bounds, dots).slice(0, MOST_NAMES)
    .map(({ label, x, y }) => svg('text', { class: 'point-name', x, y: y + 4 }, label.text));
}
