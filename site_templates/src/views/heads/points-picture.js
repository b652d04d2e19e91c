/** What is drawn around the points of heads: axes with their numbers, and names where there is room. */
import { placeLabels } from '../../draw/labels.js';
import { ticks } from '../../draw/ticks.js';
import { columnsOf } from '../../state/columns.js';
import { isShare } from '../../state/layout.js';
import { figureInWords } from '../../parts/numbers.js';
import { svg } from '../../parts/svg.js';

/** @import { Model } from '../../data/types.js' */
/** @import { Rect } from '../../draw/types.js' */
/** @import { Column } from '../../state/columns.js' */
/** @import { Point } from '../../state/heads-points.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Head } from '../../parts/types.js' */

/** Of a point, in CSS pixels. */
export const RADIUS = 5.5;
/** A letter of a name is about so wide. */
const LETTER = 7;
const MOST_NAMES = 100;

/** @param {Model} model @param {Selection} selection @param {Head} head */
export function nameOf(model, { show, x, y }, head) {
  if (show === 'likeness') return head.id;
  return [head.id,
    ...columnsOf(model).filter(({ name }) => name === x
      || name === y).map((column) => figureInWords(column, column.value(head)))].join(', ');
}

/**
 * Lines, numbers and titles.
 * @param {Model} model
 * @param {Selection} selection
 * @param {{x: [number, number], y: [number, number]}} frame
 * @param {Rect} box
 */
export function axes(model, selection, frame, box) {
  const [across, up] =
    [selection.x, selection.y].map((name) => columnsOf(model).find((column) => column.name === name));
  const right = box.x + box.width;
  const bottom = box.y + box.height;
  const parts = [];
  for (const { text, at } of numbers(frame.x, box.width / 90, across?.unit ?? '')) {
    const x = box.x + box.width * at;
    parts.push(svg('line', { class: 'grid-line', x1: x, x2: x, y1: box.y, y2: bottom }),
      svg('text', { class: 'tick', x, y: bottom + 17, 'text-anchor': 'middle' }, text));
  }
  for (const { text, at } of numbers(frame.y, box.height / 60, up?.unit ?? '')) {
    const y = bottom - box.height * at;
    parts.push(svg('line', { class: 'grid-line', x1: box.x, x2: right, y1: y, y2: y }),
      svg('text', { class: 'tick', x: box.x - 8, y: y + 4, 'text-anchor': 'end' }, text));
  }
  /** @param {Column | undefined} column */
  const title = (column) => (column
    ? [column.title, isShare(column.unit) || column.unit === '' ? '' : `(${column.unit})`].filter(Boolean).join(' ')
    : '');
  parts.push(svg('text', { class: 'axis-title', x: right, y: bottom + 37, 'text-anchor': 'end' }, `${title(across)} →`),
    svg('text', { class: 'axis-title', transform: `translate(14 ${box.y}) rotate(-90)`, 'text-anchor': 'end' },
      `${title(up)} →`));
  return parts;
}

/** @param {[number, number]} ends @param {number} about @param {string} unit */
function numbers([low, high], about, unit) {
  const factor = isShare(unit) ? 100 : 1;
  const { values, digits } = ticks(low * factor, high * factor, Math.max(2, about));
  return values.map((value) => ({ text: `${value.toFixed(digits).replace(/^-/, '−')}${factor === 100 ? ' %' : ''}`,
    at: (value / factor - low) / (high - low) }));
}

/**
 * Names beside points, while they find room.
 * @param {readonly Point[]} points
 * @param {(point: Point) => {x: number, y: number}} place
 * @param {Rect} bounds
 */
export function names(points, place, bounds) {
  const at = points.map((point) => ({ ...place(point), id: point.head.id }));
  const taken = at.map(({ x, y }) => ({ x: x - RADIUS, y: y - RADIUS, width: 2 * RADIUS, height: 2 * RADIUS }));
  const wanted = at.map(({ x, y, id }) => ({ text: id, x, y, width: LETTER * id.length, height: 14, gap: RADIUS + 7 }));
  return placeLabels(wanted, bounds, taken).slice(0,
    MOST_NAMES).map(({ label, x, y }) => svg('text', { class: 'point-name', x, y: y + 4 }, label.text));
}
