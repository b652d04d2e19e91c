/**
 * What stands out on a head's map: the selected document or the names of regions, and the point that is pointed at.
 * @import { Selection } from '../../state/types.js'
 * @import { Focus } from './data.js'
 * @import { Picture } from './picture.js'
 * @import { Region } from './regions.js'
 * @import { Types } from './types.js'
 */
import { cssColor } from '../../draw/color.js';
import { drawMarks } from '../../draw/overlay.js';
import { drawFocus } from './focus.js';
import { atDistance, patchRing } from './picture.js';
import { drawNames } from './region-names.js';

/**
 * @typedef {object} Highlights
 * @property {Selection} selection
 * @property {Focus | undefined} focus
 * @property {readonly Region[]} regions
 * @property {Types | undefined} types
 * @property {number} hovered vertex, or −1
 */

/** @param {Picture} picture @param {Highlights} highlights */
export function drawHighlights(picture, { selection, focus, regions, types, hovered }) {
  if (focus) drawFocus(picture, selection, focus);
  else if (!picture.panel.from && types) drawNames(picture, regions, types);
  if (hovered >= 0) drawHovered(picture, hovered);
}

/** @param {Picture} picture @param {number} vertex */
function drawHovered({ ink, panel, place, inkOf, colors, patches }, vertex) {
  const at = place(vertex);
  if (patches?.has(vertex)) return drawMarks(ink, [patchRing(patches, at, 2.5, colors.ink)]);
  drawMarks(ink, [{
    x: at.x, y: at.y, kind: panel.cloud.kinds[vertex], color: inkOf(vertex),
    radius: atDistance(panel.radius, at.near) + 2.5, ring: cssColor(colors.ink),
  }]);
}
