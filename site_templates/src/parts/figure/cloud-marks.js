/** The points of clouds in a figure: marks of their own while there are not too many for other programs. */
import { cssColor } from '../../draw/color.js';
import { sizeOf } from '../../draw/cloud.js';
import { depthOrder, FAR_ALPHA, FAR_SIZE, makePlacer } from '../../draw/project.js';
import { createSplat } from '../../draw/splat.js';
import { count } from '../numbers.js';
import { RATIO } from './png.js';

/** @import { Panel } from '../../draw/types.js' */
/** @import { Mark } from './types.js' */

/** More points than this are one picture, which a drawing program opens sooner. */
const MOST_POINTS = 20_000;

/**
 * @param {readonly Panel[]} panels later ones lie above
 * @param {Uint8Array} palette
 * @param {{width: number, height: number}} room that the panels lie in
 * @returns {Mark[]}
 */
export function cloudMarks(panels, palette, room) {
  if (pointsOf(panels) <= MOST_POINTS) return panels.flatMap((panel) => panelMarks(panel, palette));
  const { canvas, ...renderer } = createSplat();
  renderer.resize(room.width, room.height, RATIO);
  renderer.draw({ panels, palette });
  return [{ type: 'image', x: 0, y: 0, ...room, href: canvas.toDataURL('image/png') }];
}

/** What a caption says of points that are no marks of their own; '' where they are. @param {readonly Panel[]} panels */
export function cloudInWords(panels) {
  const points = pointsOf(panels);
  return points <= MOST_POINTS ? '' : `Its ${count(points)} points are drawn as one picture within the figure.`;
}

/** @param {readonly Panel[]} panels */
function pointsOf(panels) {
  return panels.reduce((sum, panel) => sum + panel.count, 0);
}

/** @param {Panel} panel @param {Uint8Array} palette @returns {Mark[]} */
function panelMarks(panel, palette) {
  const { cloud, first, count: total, rect, radius, alpha, rim } = panel;
  const order = depthOrder(panel);
  const place = makePlacer(panel);
  const colors = Array.from({ length: 256 }, (_, slot) => (
    cssColor([palette[3 * slot], palette[3 * slot + 1], palette[3 * slot + 2]])));
  const stroke = rim && cssColor(rim);
  return Array.from({ length: total }, (_, i) => (order ? order[i] : first + i)).flatMap((vertex) => {
    const { x, y, near } = place(vertex);
    if (near < 0 || x < rect.x || y < rect.y || x > rect.x + rect.width || y > rect.y + rect.height) return [];
    return [{
      type: cloud.kinds[vertex] === 0 ? 'dot' : 'diamond', x, y,
      radius: radius * sizeOf(cloud, vertex) * (FAR_SIZE + (1 - FAR_SIZE) * near),
      fill: colors[cloud.paint[vertex]], opacity: alpha * (FAR_ALPHA + (1 - FAR_ALPHA) * near),
      stroke, strokeWidth: stroke ? 0.5 : undefined,
    }];
  });
}
