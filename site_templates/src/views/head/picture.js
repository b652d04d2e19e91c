/**
 * A head's picture as what is drawn over its cloud needs it: where points are, their colours, rings around them.
 * @import { Panel, Rgb } from '../../draw/types.js'
 * @import { Place } from '../../draw/project.js'
 * @import { Colors } from '../../parts/types.js'
 */
import { cssColor } from '../../draw/color.js';
import { FAR_SIZE, makePlacer } from '../../draw/project.js';

/**
 * @typedef {object} Patched points that are drawn as patches
 * @property {number} side of a patch next to the eye, in pixels
 * @property {(vertex: number) => boolean} has
 */
/**
 * @typedef {object} Picture
 * @property {CanvasRenderingContext2D} ink scaled to CSS pixels, empty
 * @property {Panel} panel
 * @property {Colors} colors
 * @property {(vertex: number) => Place} place
 * @property {(vertex: number) => string} inkOf a point's colour
 * @property {Patched} [patches] where patches are the marks: what is picked out is framed, not covered
 */

/** The mark of a patch is its frame. */
const FRAME = 2;

/**
 * @param {CanvasRenderingContext2D} ink scaled to CSS pixels, empty
 * @param {Panel} panel
 * @param {Colors} colors
 * @param {Uint8Array} palette of the cloud
 * @param {Patched} [patches]
 * @returns {Picture}
 */
export function makePicture(ink, panel, colors, palette, patches) {
  const placer = makePlacer(panel);
  const { paint } = panel.cloud;
  return {
    ink, panel, colors, patches,
    place: (vertex) => placer(vertex),
    inkOf(vertex) {
      const slot = 3 * paint[vertex];
      return cssColor([palette[slot], palette[slot + 1], palette[slot + 2]]);
    },
  };
}

/**
 * A ring around a patch, so many pixels wider than it.
 * @param {Patched} patches
 * @param {Place} place
 * @param {number} wider
 * @param {Rgb} color
 */
export function patchRing({ side }, { x, y, near }, wider, color) {
  return { x, y, kind: FRAME, color: '', radius: atDistance(side, near) / 2 + wider, ring: cssColor(color) };
}

/** A radius at a distance. @param {number} radius @param {number} near */
export function atDistance(radius, near) {
  return radius * (FAR_SIZE + (1 - FAR_SIZE) * Math.max(0, near));
}
