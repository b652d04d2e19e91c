/**
 * How the points of a head's map look: their colours and sizes, which of them stand out, which are left out as special
 * tokens and sinks.
 */
import { emphasise, makePalette, NONE } from '../../draw/palette.js';
import { BY_KIND, paintCloud } from '../../parts/color/coloring.js';
import { NO_MARKS } from '../../parts/point-marks.js';

/** @import { Coloring } from '../../parts/color/coloring.js' */
/** @import { Marks } from '../../parts/point-marks.js' */
/** @import { Colors } from '../../parts/types.js' */
/** @import { MapData } from './data.js' */
/** @import { Sizing } from './sizes.js' */

export class Appearance {
  /** @type {Coloring} */
  coloring = BY_KIND;
  /** What the size of points says. @type {Sizing | undefined} */
  sizing;
  /** Vertices of what is found. @type {Uint32Array | undefined} */
  lit;
  /** The share of the map's points that is left out. */
  leftOut = 0;
  /** The palette slot that stands out; −1: all do. */
  #slot = -1;
  #marks = NO_MARKS;
  /** The map that the marks are of. @type {MapData | undefined} */
  #marked;

  /** Lets the points of one colour stand out. @param {number} slot of the palette; −1 for all */
  emphasise(slot) {
    this.#slot = slot;
  }

  /** Other points have other colours and sizes. */
  forget() {
    this.coloring = BY_KIND;
    this.sizing = undefined;
  }

  /** @param {MapData} data @param {Coloring} coloring */
  paint({ head, cloud }, coloring) {
    if (this.coloring !== coloring) this.#slot = -1;
    this.coloring = coloring;
    paintCloud(coloring, cloud, [[head, { first: 0, count: cloud.count }]]);
    const { hidden } = this.#marks;
    this.leftOut = 0;
    if (!hidden) return;
    for (let vertex = 0; vertex < cloud.count; vertex++) {
      if (!hidden(head, /** @type {0 | 1} */ (cloud.kinds[vertex]), cloud.points[vertex])) continue;
      cloud.paint[vertex] = NONE;
      this.leftOut += 1 / cloud.count;
    }
  }

  /** @param {MapData} data @param {Sizing | undefined} sizing undefined: all are of one size */
  size({ cloud }, sizing) {
    this.sizing = sizing;
    cloud.sizes = sizing?.sizes;
  }

  /** What is found stands out; what is left out has no colour. @param {MapData} data @param {Marks} marks */
  mark(data, marks) {
    if (this.#marks === marks && this.#marked === data) return;
    const { head, cloud } = data;
    const { lit } = marks;
    this.#marks = marks;
    this.#marked = data;
    this.lit = lit && Uint32Array.from(cloud.points.keys())
      .filter((vertex) => lit(head, /** @type {0 | 1} */ (cloud.kinds[vertex]), cloud.points[vertex]));
  }

  /** @param {Colors} colors of the theme */
  palette(colors) {
    return emphasise(makePalette(colors, this.coloring.hues(colors)), this.#slot, colors.page);
  }
}
