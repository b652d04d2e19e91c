/**
 * What a panel shows at this moment, as a cloud: points set out from there when another map takes its place, whatever
 * was drawn before, and even in the midst of another move.
 * @import { Cloud, Panel, View } from './types.js'
 */
import { emptyCloud } from './cloud.js';
import { makePlacer } from './project.js';

/** Panels beyond the edge that a frozen cloud reaches: points outside come in from there. */
const REACH = 3;

/** The view of frozen clouds. @type {View} */
const FROZEN = Float64Array.of(
  2 * REACH, 0, 0, -REACH,
  0, 2 * REACH, 0, -REACH,
  0, 0, 2, -1,
  0, 0, 0, 1,
);

/**
 * The points of a panel where they are on the screen.
 * @param {Panel} panel
 * @returns {{cloud: Cloud, view: View}}
 */
export function freeze(panel) {
  const { cloud, rect } = panel;
  const frozen = emptyCloud(cloud.count, true, 3);
  frozen.kinds = cloud.kinds;
  frozen.points = cloud.points;
  frozen.paint = cloud.paint;
  const place = makePlacer(panel);
  const at = { x: 0, y: 0, near: 0 };
  /** @param {number} share of the cube's side */
  const code = (share) => Math.round(65535 * Math.min(Math.max(share, 0), 1));
  for (let v = 0; v < cloud.count; v++) {
    // Pixels to −1 … 1 across the panel, then to codes of a cube that reaches REACH panels far.
    place(v, at);
    frozen.positions[3 * v] = code((2 * (at.x - rect.x) / rect.width - 1 + REACH) / (2 * REACH));
    frozen.positions[3 * v + 1] = code((1 - 2 * (at.y - rect.y) / rect.height + REACH) / (2 * REACH));
    frozen.positions[3 * v + 2] = code(Math.max(0, at.near));
  }
  return { cloud: frozen, view: FROZEN };
}
