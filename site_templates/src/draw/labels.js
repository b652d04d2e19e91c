/**
 * Labels that yield to each other: the first asked for wins its place, later ones go elsewhere or stay away.
 * @import { LabelRequest, PlacedLabel, Rect } from './types.js'
 */

/**
 * Where each label goes, of those that have room.
 * @template {LabelRequest} T
 * @param {readonly T[]} labels most important first
 * @param {Rect} bounds no label leaves it
 * @param {readonly Rect[]} [occupied] where no label may be
 * @param {number} [most] labels
 * @returns {PlacedLabel<T>[]}
 */
export function placeLabels(labels, bounds, occupied = [], most = Infinity) {
  const boxes = [...occupied];
  /** @type {PlacedLabel<T>[]} */
  const labelled = [];
  for (const label of labels) {
    if (labelled.length >= most) break;
    for (const spot of spots(label)) {
      const box = { x: spot.x, y: spot.y - label.height / 2, width: label.width, height: label.height };
      if (!inside(box, bounds) || boxes.some((other) => overlap(box, other))) continue;
      boxes.push(box);
      labelled.push({ label, ...spot });
      break;
    }
  }
  return labelled;
}

/** Left and middle of the text: right of the point, left of it, above, below. @param {LabelRequest} label */
function spots({ x, y, width, height, gap, centred }) {
  if (centred) return [0, -0.9, 0.9].map((step) => ({ x: x - width / 2, y: y + step * height }));
  return [
    { x: x + gap, y },
    { x: x - gap - width, y },
    { x: x - width / 2, y: y - gap - height / 2 },
    { x: x - width / 2, y: y + gap + height / 2 },
    { x: x + gap, y: y - height * 0.8 },
    { x: x + gap, y: y + height * 0.8 },
  ];
}

/** @param {Rect} a @param {Rect} b */
function overlap(a, b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** @param {Rect} box @param {Rect} bounds */
function inside(box, bounds) {
  return box.x >= bounds.x && box.y >= bounds.y
    && box.x + box.width <= bounds.x + bounds.width && box.y + box.height <= bounds.y + bounds.height;
}
