/**
 * The panel of a head's map: its cloud in a rectangle, as the eye sees it.
 * @import { Eye } from '../../draw/eye.js'
 * @import { Panel, Rect, Rgb, Start } from '../../draw/types.js'
 * @import { MapData } from './data.js'
 */

/** Points of solid maps shrink with their distance: the near ones are larger to make up for it. */
const SOLID_RADIUS = 1.3;

/**
 * @typedef {object} Look
 * @property {boolean} faded whether a selected document stands out
 * @property {boolean} colored by something else than kind
 * @property {Start} [from] where points on their way come from
 * @property {Rgb} [rim] around each point
 */

/**
 * @param {MapData} data
 * @param {Eye} eye
 * @param {Rect} rect
 * @param {Look} look
 * @returns {Panel}
 */
export function headPanel({ cloud }, eye, rect, { faded, colored, from, rim }) {
  const base = Math.min(Math.max(Math.sqrt((rect.width * rect.height) / (cloud.count + 1)) * 0.14, 1.7), 3.6);
  const radius = base * Math.min(Math.max(eye.enlarged(), 0.7) ** 0.3, 2) * (eye.solid ? SOLID_RADIUS : 1);
  const alpha = faded ? 0.16 : rim ? 1 : colored ? 0.78 : 0.55;
  return { cloud, first: 0, count: cloud.count, rect, view: eye.view(rect), from, radius, alpha, rim };
}
