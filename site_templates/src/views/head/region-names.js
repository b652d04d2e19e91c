/**
 * The names on a map where nothing is selected: of regions, and of single points where few are in sight.
 * @import { Panel } from '../../draw/types.js'
 * @import { Label } from './map-labels.js'
 * @import { Picture } from './picture.js'
 * @import { Region } from './regions.js'
 * @import { Types } from './types.js'
 */
import { cssColor } from '../../draw/color.js';
import { placeLabels } from '../../draw/labels.js';
import { drawLabels } from '../../draw/overlay.js';
import { makePlacer, toPixels } from '../../draw/project.js';
import { clip } from '../../parts/names.js';
import { FONTS, makeLabel } from './map-labels.js';
import { findRegions, FINEST } from './regions.js';

/** Sides of the squares that regions are sought in, in pixels, about. */
const SIDE = 110;
/** Square pixels of the picture for each name: few that can be read say more. */
const ROOM = 22_000;
/** Names keep so much away from each other, and equal ones so much more, in pixels. */
const APART = 16;
const EQUAL_APART = 220;
const LONGEST = 16;
/** Single points have names where so few are in sight, at most. */
const FEW_POINTS = 120;
/** Far points of a solid map stay without a name: those in front are read. */
const NEAR_ENOUGH = 0.35;

/** Finds regions of a map, each level once, and no new level while the eye moves. */
export function createRegionNames() {
  /** @type {WeakMap<object, Map<number, Region[]>>} */
  const byCloud = new WeakMap();
  let last = 0;
  return {
    /** @param {Panel} panel @param {Types} types @param {boolean} moving @returns {readonly Region[]} */
    of(panel, types, moving) {
      const levels = byCloud.get(panel.cloud) ?? new Map();
      byCloud.set(panel.cloud, levels);
      const level = moving && levels.has(last) ? last : levelOf(panel);
      last = level;
      if (!levels.has(level)) levels.set(level, findRegions(panel.cloud, types, level));
      return levels.get(level);
    },
  };
}

/** The level whose squares are about as large as they ought to be. @param {Panel} panel */
export function levelOf({ view, rect }) {
  const across = Math.hypot(view[0], view[1], view[2]) * rect.width / 2;
  const up = Math.hypot(view[4], view[5], view[6]) * rect.height / 2;
  return Math.min(Math.max(Math.round(Math.log2(Math.sqrt(across * up) / SIDE)), 1), FINEST);
}

/** Pixels of a region. @param {Panel} panel @param {Region} region */
function pixelsOf(panel, { place: [x, y, z = 0] }) {
  return toPixels(panel, x, y, z);
}

/**
 * Names of the regions in sight, those with the highest score first.
 * @param {Panel} panel
 * @param {readonly Region[]} regions
 */
export function namesInSight(panel, regions) {
  const { x: left, y: top, width, height } = panel.rect;
  const inSight = regions.filter((region) => {
    const { x, y } = pixelsOf(panel, region);
    return x >= left && y >= top && x <= left + width && y <= top + height;
  });
  return [...new Set(inSight.map(({ name }) => name))].slice(0, 12);
}

/** @param {Picture} picture @param {readonly Region[]} regions @param {Types} types */
export function drawNames(picture, regions, types) {
  const { ink, panel, colors } = picture;
  const labels = [...regionLabels(picture, regions), ...pointLabels(picture, types)];
  const roomy = labels.map((label) => ({ ...label, height: label.height + APART }));
  const most = Math.ceil((panel.rect.width * panel.rect.height) / ROOM);
  drawLabels(ink, placeLabels(roomy, panel.rect, [], most), colors.page);
}

/** @param {Picture} picture @param {readonly Region[]} regions @returns {Label[]} */
function regionLabels({ ink, panel, colors }, regions) {
  const style = { color: cssColor(colors.ink), font: FONTS.region, gap: 0 };
  /** @type {Label[]} */
  const labels = [];
  for (const region of regions) {
    const at = pixelsOf(panel, region);
    const name = bracketed(clip(region.name, LONGEST));
    // One name for what is one region to the eye.
    const again = labels.some(({ text, x, y }) => text === name && Math.hypot(x - at.x, y - at.y) < EQUAL_APART);
    if (!again) labels.push({ ...makeLabel(ink, at, name, style), centred: true });
  }
  return labels;
}

/** Lone signs are small: brackets let them be read as a name. @param {string} name */
function bracketed(name) {
  return /[\p{L}\p{N}]/u.test(name) || name.length > 2 ? name : `‹${name}›`;
}

/** Names of single points, where few are in sight. @param {Picture} picture @param {Types} types @returns {Label[]} */
function pointLabels({ ink, panel, colors }, types) {
  const { cloud, rect, radius } = panel;
  const style = { color: cssColor(colors.quiet), font: FONTS.other, gap: radius + 5 };
  const place = makePlacer(panel);
  const at = { x: 0, y: 0, near: 0 };
  /** @type {Label[]} */
  const labels = [];
  for (let vertex = 0; vertex < cloud.count; vertex++) {
    place(vertex, at);
    const type = types.of[cloud.kinds[vertex]][cloud.points[vertex]];
    if (at.near < NEAR_ENOUGH || types.places[type] || !meets(rect, at.x, at.y)) continue;
    labels.push(makeLabel(ink, at, clip(types.names[type], LONGEST), style));
    if (labels.length > FEW_POINTS) return [];
  }
  return labels;
}

/** @param {Panel['rect']} rect @param {number} x @param {number} y */
function meets(rect, x, y) {
  return x >= rect.x && y >= rect.y && x <= rect.x + rect.width && y <= rect.y + rect.height;
}
