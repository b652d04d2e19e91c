/**
 * Patches of pictures as the marks of a map, each framed in the colour of its kind.
 * @import { Panel } from '../draw/types.js'
 * @import { Focus, MapData } from './head-data.js'
 * @import { PatchSheet } from './patch-sheet.js'
 * @import { Colors } from './types.js'
 */
import { cssColor } from '../draw/color.js';
import { depthOrder, FAR_SIZE, makePlacer } from '../draw/project.js';
import { MOST_PATCHES } from './patch-sheet.js';


/** Sides in pixels: small where they are many. */
const LEAST_SIDE = 9;
const MOST_SIDE = 30;
/** Of the points that belong to no selected document. */
const FAINT = 0.14;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Panel} panel
 * @param {MapData} data
 * @param {Map<string, PatchSheet>} patches
 * @param {Colors} colors
 * @param {Focus | undefined} focus
 */
export function drawPatches(context, panel, data, patches, colors, focus) {
  const { cloud, rect } = panel;
  const chosen = new Set(focus ? [...focus.vertices[0].values(), ...focus.vertices[1].values()] : []);
  const whole = Math.min(Math.max(Math.sqrt((rect.width * rect.height) / (cloud.count + 1)) * 0.34, LEAST_SIDE), MOST_SIDE) * (panel.radius / 2.6);
  const frames = [cssColor(colors.query), cssColor(colors.key)];
  const sheets = data.axes.map(({ name }) => patches.get(name));
  context.save();
  context.imageSmoothingEnabled = false;
  context.lineWidth = 1.5;
  const place = makePlacer(panel);
  const at = { x: 0, y: 0, near: 0 };
  let drawn = 0;
  const order = depthOrder(panel);
  for (let i = 0; i < cloud.count && drawn < MOST_PATCHES; i++) {
    const v = order ? order[i] : i;
    const kind = cloud.kinds[v];
    const point = cloud.points[v];
    const sheet = sheets[kind];
    if (!sheet?.drawn[point]) continue;
    const { x, y, near } = place(v, at);
    const side = whole * (FAR_SIZE + (1 - FAR_SIZE) * near);
    if (near < 0 || x < rect.x - side || y < rect.y - side || x > rect.x + rect.width + side || y > rect.y + rect.height + side) continue;
    context.globalAlpha = focus && !chosen.has(v) ? FAINT : 1;
    context.drawImage(sheet.canvas, (point % sheet.across) * sheet.side, Math.floor(point / sheet.across) * sheet.side, sheet.side, sheet.side, x - side / 2, y - side / 2, side, side);
    context.strokeStyle = frames[kind];
    context.strokeRect(x - side / 2, y - side / 2, side, side);
    drawn++;
  }
  context.restore();
}
