/** Links between cells of the atlas: where they run, and how wide they are. Pure. */

/** @import { Rect } from '../../draw/types.js' */

/** Pixels, from a link as strong as chance to one that is this many times as strong, or more. */
const WIDTH = [1.75, 5];
const STRONGEST = 6;
/** How far a curve leaves its cells straight: of the height between them, and at least of a cell. */
const STRAIGHT = 0.45;
const LEAST_STRAIGHT = 0.8;
/** A cubic whose two handles are moved aside is itself moved by three quarters of that in its middle. */
const MOVED = 0.75;

/** @param {number} value of a composition @param {number} chance @returns {number} pixels */
export function widthOf(value, chance) {
  const part = Math.min(Math.max((value / chance - 1) / (STRONGEST - 1), 0), 1);
  return WIDTH[0] + part * (WIDTH[1] - WIDTH[0]);
}

/**
 * From the foot of an earlier head's cell to the top of a later one's. Between cells of one column it swings out to
 * the gap beside those between them, so that it hides none.
 * @param {Rect} earlier @param {Rect} later
 * @param {{gap: number, middle: number}} room between columns, and where the middle of the grid is
 */
export function curveBetween(earlier, later, { gap, middle }) {
  const [from, to] = [footOf(earlier), topOf(later)];
  const lead = Math.max(STRAIGHT * (to.y - from.y), LEAST_STRAIGHT * earlier.height);
  const isStraight = Math.abs(to.x - from.x) < earlier.width / 2;
  const isNear = to.y - from.y < earlier.height;
  const swing = isStraight && !isNear ? (earlier.width + gap) / 2 / MOVED * (from.x > middle ? -1 : 1) : 0;
  return `M${from.x} ${from.y}C${from.x + swing} ${from.y + lead} ${to.x + swing} ${to.y - lead} ${to.x} ${to.y}`;
}

/** @param {Rect} rect */
export function footOf({ x, y, width, height }) {
  return { x: x + width / 2, y: y + height };
}

/** @param {Rect} rect */
export function topOf({ x, y, width }) {
  return { x: x + width / 2, y };
}
