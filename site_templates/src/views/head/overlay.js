/** What is drawn over the points of a head's map: its box, the patches, what is selected and what it is tied to. */
import { drawBox } from '../../draw/box.js';
import { mix } from '../../draw/color.js';
import { cornersInSight } from './area.js';
import { drawOutline } from './area-marks.js';
import { drawDensity } from './density.js';
import { drawHighlights } from './highlights.js';
import { drawPatches, patchedPoints } from './patch-marks.js';
import { makePicture } from './picture.js';

/** @import { Panel } from '../../draw/types.js' */
/** @import { Colors } from '../../parts/types.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { MapData } from './data.js' */
/** @import { Scene } from './scene.js' */

/**
 * @param {CanvasRenderingContext2D} ink
 * @param {Panel} panel
 * @param {Scene} scene with a map
 * @param {{colors: Colors, palette: Uint8Array, selection: Selection}} how
 */
export function drawOverlay(ink, panel, scene, { colors, palette, selection }) {
  const data = /** @type {MapData} */ (scene.data);
  const { focus, types, hovered, coloring: { patches } } = scene;
  if (scene.solid && !panel.from) drawBox(ink, panel, ...boxOf(data), mix(colors.page, colors.quiet, 0.25));
  if (patches) drawPatches(ink, panel, data, patches, colors, focus);
  const patched = patches && patchedPoints(panel, data, patches, focus);
  const lines = scene.density(panel);
  const picture = makePicture(ink, panel, colors, palette, patched);
  if (lines && !selection.bare) drawDensity(picture, lines);
  drawHighlights(picture, { selection, focus, regions: scene.regions(panel), types, hovered });
  const corners = scene.drawing.length > 1 ? scene.drawing
    : scene.inside && cornersInSight(scene.inside.area, panel, data.map, scene.gaze.write(true));
  if (corners && !panel.from) drawOutline(ink, corners, colors.accent);
}

/** The corners of a map's box in the unit cube of its codes. @param {MapData} data @returns {[number[], number[]]} */
function boxOf({ map }) {
  /** @param {Float64Array} corner */
  const inCube = (corner) => Array.from(corner, (value, k) => (value - map.lo[k]) / (map.hi[k] - map.lo[k] || 1));
  return [inCube(map.viewLo), inCube(map.viewHi)];
}
