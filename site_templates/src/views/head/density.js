/**
 * Lines of density over a map's points, where these overlap: around the densest parts that hold a half and nine tenths
 * of the queries in sight, and of the keys.
 * @import { Contour } from '../../draw/density.js'
 * @import { Panel } from '../../draw/types.js'
 * @import { Picture } from './picture.js'
 */
import { cssColor, mix } from '../../draw/color.js';
import { contourOf, densityOf } from '../../draw/density.js';

const SHARES = [0.9, 0.5];
/** Points overlap where so many lie, on average, over a place of the denser half. */
const CROWDED = 0.6;
const FEWEST = 100;
/** Lines of keys are dashed: colour alone would tell too little. */
const DASHES = [[], [5, 3]];
/** Lines stand out from points of their own colour. */
const TOWARDS_INK = 0.6;
export const DENSITY_WORDS = 'Lines surround the densest parts with half and nine tenths of the queries in sight, '
  + 'dashed ones of the keys.';

/**
 * The lines of queries and of keys; none of a kind whose points do not overlap.
 * @param {Panel} panel
 * @returns {[Contour[], Contour[]]}
 */
export function densityLines(panel) {
  const [queries, keys] = [0, 1].map((kind) => {
    const density = densityOf(panel, kind);
    if (density.points < FEWEST) return [];
    const lines = SHARES.map((share) => contourOf(density, share));
    const covered = density.points * Math.PI * panel.radius ** 2;
    return covered * 0.5 > CROWDED * lines[1].area ? lines : [];
  });
  return [queries, keys];
}

/** @param {Picture} picture @param {readonly [readonly Contour[], readonly Contour[]]} lines */
export function drawDensity({ ink, panel, colors }, lines) {
  ink.save();
  ink.translate(panel.rect.x, panel.rect.y);
  lines.forEach((contours, kind) => {
    ink.strokeStyle = cssColor(mix(kind === 0 ? colors.query : colors.key, colors.ink, TOWARDS_INK));
    ink.setLineDash(DASHES[kind]);
    for (const { share, paths } of contours) {
      ink.lineWidth = share > 0.5 ? 1 : 1.5;
      ink.globalAlpha = share > 0.5 ? 0.6 : 0.9;
      ink.beginPath();
      for (const path of paths) {
        for (let i = 0; i < path.length; i += 2) ink[i === 0 ? 'moveTo' : 'lineTo'](path[i], path[i + 1]);
      }
      ink.stroke();
    }
  });
  ink.restore();
}
