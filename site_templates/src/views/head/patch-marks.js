/**
 * Patches of images as the marks of a map, each framed in the colour of its kind.
 * @import { Panel, Rect } from '../../draw/types.js'
 * @import { Focus, MapData } from './data.js'
 * @import { PatchSheet } from '../../parts/color/patch-sheet.js'
 * @import { Colors } from '../../parts/types.js'
 */
import { cssColor } from '../../draw/color.js';
import { depthOrder, FAR_SIZE, makePlacer } from '../../draw/project.js';
import { MOST_PATCHES } from '../../parts/color/patch-sheet.js';


/** Sides in pixels: small where they are many. */
const LEAST_SIDE = 9;
const MOST_SIDE = 30;
/** Of the points that belong to no selected document, and how much larger those are that do. */
const FAINT = 0.14;
const CHOSEN = 1.4;

/** Pixels of a patch's side next to the eye. @param {Panel} panel */
function patchSide({ cloud, rect, radius }) {
  return Math.min(Math.max(Math.sqrt((rect.width * rect.height) / (cloud.count + 1)) * 0.34, LEAST_SIDE),
    MOST_SIDE) * (radius / 2.6);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Panel} panel
 * @param {MapData} data
 * @param {Map<string, PatchSheet>} patches
 * @param {Colors} colors
 * @param {Focus | undefined} focus
 */
export function drawPatches(context, panel, data, patches, colors, focus) {
  const { cloud } = panel;
  const chosen = new Set(focus ? [...focus.vertices[0].values(), ...focus.vertices[1].values()] : []);
  const frames = [cssColor(colors.query), cssColor(colors.key)];
  const sheets = data.axes.map(({ name }) => patches.get(name));
  const place = makePlacer(panel);
  const usual = patchSide(panel);
  const at = { x: 0, y: 0, near: 0 };
  let left = MOST_PATCHES;
  /** @param {number} vertex @param {number} larger */
  const draw = (vertex, larger) => {
    const [kind, point] = [cloud.kinds[vertex], cloud.points[vertex]];
    const sheet = sheets[kind];
    const { x, y, near } = place(vertex, at);
    const side = larger * usual * (FAR_SIZE + (1 - FAR_SIZE) * near);
    if (!sheet?.drawn[point] || near < 0 || !meets(panel.rect, x, y, side)) return;
    left--;
    const [from, to] = [[(point % sheet.across) * sheet.side, Math.floor(point / sheet.across) * sheet.side],
      [x - side / 2, y - side / 2]];
    context.drawImage(sheet.canvas, from[0], from[1], sheet.side, sheet.side, to[0], to[1], side, side);
    context.strokeStyle = frames[kind];
    context.strokeRect(to[0], to[1], side, side);
  };
  context.save();
  context.imageSmoothingEnabled = false;
  context.lineWidth = 1.5;
  context.globalAlpha = focus ? FAINT : 1;
  // From far to near, the first points of the cloud alone: any prefix is a fair sample.
  const order = depthOrder(panel)?.filter((vertex) => vertex < MOST_PATCHES);
  for (let i = 0; i < (order ?? cloud.kinds).length && left > 0; i++) {
    const vertex = order ? order[i] : i;
    if (!chosen.has(vertex)) draw(vertex, 1);
  }
  context.globalAlpha = 1;
  for (const vertex of chosen) draw(vertex, CHOSEN);
  context.restore();
}

/**
 * Which points are drawn as patches, and how large those are that matter.
 * @param {Panel} panel @param {MapData} data @param {Map<string, PatchSheet>} patches @param {Focus | undefined} focus
 */
export function patchedPoints(panel, data, patches, focus) {
  const { kinds, points } = panel.cloud;
  const sheets = data.axes.map(({ name }) => patches.get(name));
  return {
    side: patchSide(panel) * (focus ? CHOSEN : 1),
    has: (/** @type {number} */ vertex) => sheets[kinds[vertex]]?.drawn[points[vertex]] === 1,
  };
}

/**
 * Whether a square about a place is in sight.
 * @param {Rect} rect
 * @param {number} x
 * @param {number} y
 * @param {number} side
 */
function meets(rect, x, y, side) {
  return x > rect.x - side && y > rect.y - side && x < rect.x + rect.width + side && y < rect.y + rect.height + side;
}
