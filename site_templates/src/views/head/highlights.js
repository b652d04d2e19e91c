/**
 * What stands out on a head's map: the selected document or a few names, and the point that is pointed at.
 * @import { Selection } from '../../state/types.js'
 * @import { Focus } from './data.js'
 * @import { Picture } from './picture.js'
 */
import { cssColor } from '../../draw/color.js';
import { placeLabels } from '../../draw/labels.js';
import { drawLabels, drawMarks } from '../../draw/overlay.js';
import { drawFocus } from './focus.js';
import { FONTS, makeLabel } from './map-labels.js';
import { atDistance, patchRing } from './picture.js';

/** @typedef {{vertex: number, text: string}} Sight a label for a vertex when nothing is selected */
/**
 * @typedef {object} Highlights
 * @property {Selection} selection
 * @property {Focus | undefined} focus
 * @property {readonly Sight[]} sights
 * @property {number} hovered vertex, or −1
 */

const MOST_SIGHTS = 28;
/** Names of points at large keep so much more away from each other than they need: few that can be read say more. */
const SIGHT_ROOM = 22;
/** Far points of a solid map stay without a name: those in front are read. */
const NEAR_ENOUGH = 0.35;

/** @param {Picture} picture @param {Highlights} highlights */
export function drawHighlights(picture, { selection, focus, sights, hovered }) {
  if (focus) drawFocus(picture, selection, focus);
  else if (!picture.panel.from) drawSights(picture, sights);
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

/** @param {Picture} picture @param {readonly Sight[]} sights */
function drawSights({ ink, panel, place, colors }, sights) {
  const style = { color: cssColor(colors.quiet), font: FONTS.other, gap: panel.radius + 5 };
  const labels = sights.flatMap(({ vertex, text }) => {
    const at = place(vertex);
    return at.near < NEAR_ENOUGH ? [] : [makeLabel(ink, at, text, style)];
  });
  const roomy = labels.map((label) => ({ ...label, height: label.height + SIGHT_ROOM }));
  drawLabels(ink, placeLabels(roomy, panel.rect, [], MOST_SIGHTS), colors.page);
}
