/**
 * What the colour of a point says: gathers the values of a mode, and makes of them palette slots, a legend and words.
 * @import { Stack } from '../../data/types.js'
 * @import { Cloud, Rgb } from '../../draw/types.js'
 * @import { Groups } from './groups.js'
 * @import { Tick } from './scale.js'
 * @import { PatchSheet } from './patch-sheet.js'
 * @import { Colors, Context, Head } from '../types.js'
 */
import { colorByHead } from './by-head.js';
import { colorByImage } from './by-image.js';
import { colorByValue } from './by-value.js';
import { openPoints } from './values.js';

/** @typedef {{type: 'ramp', title: string, ticks: Tick[], note?: string}} RampLegend */
/** @typedef {{type: 'groups', title: string, groups: Groups, name: (value: string | number) => string}} GroupLegend */
/** @typedef {{type: 'patch', points: number}} PatchLegend `points` that have patches */
/** @typedef {{type: 'kind'} | {type: 'mean'} | PatchLegend | RampLegend | GroupLegend} Legend */
/** @typedef {Uint8Array | undefined} Slots a palette slot for each point; undefined: the kind's own */
/**
 * @typedef {object} Coloring
 * @property {(stack: Stack) => [Slots, Slots]} slots of a head's queries and keys
 * @property {(colors: Colors) => readonly Rgb[]} hues the mode's colours, in the palette from FIRST on
 * @property {Legend} legend
 * @property {(kind: 0 | 1, axis: string, point: number) => string} tell the value of a point in words; '' where it has
 *   none
 * @property {Map<string, PatchSheet>} [patches] of each axis
 */
/** @typedef {{goOn: () => boolean, progress: (text: string) => void}} Work */

/** @type {Coloring} */
export const BY_KIND = {
  slots: () => [undefined, undefined],
  hues: () => [],
  legend: { type: 'kind' },
  tell: () => '',
};

/** Modes that depend on one head's attention or vectors. */
const ONE_HEAD = ['entropy', 'received', 'length'];
/** Colourings stay so long as few others were asked for. */
const KEPT = 6;
/** @type {WeakMap<object, Map<string, Coloring>>} */
const kept = new WeakMap();

/**
 * @param {Pick<Context, 'report'>} context
 * @param {{model: string, color: string}} selection
 * @param {readonly Head[]} heads which are to be painted; only one for what depends on its attention
 * @param {Work} work
 * @returns {Promise<Coloring | undefined>} undefined where the work was stopped
 */
export async function loadColoring({ report }, { model, color }, heads, work) {
  if (color === 'kind') return BY_KIND;
  const axes = [...new Set(heads.flatMap(({ stackInfo }) => [stackInfo.query_axis, stackInfo.key_axis]))];
  const oneHead = ONE_HEAD.includes(color);
  const key = JSON.stringify([model, color, axes, oneHead ? heads[0].id : '']);
  const colorings = kept.get(report) ?? new Map();
  kept.set(report, colorings);
  const coloring = colorings.get(key) ?? await makeColoring(report, { model, color, axes }, oneHead && heads[0], work);
  if (!coloring) return undefined;

  // What was asked for last stays longest.
  colorings.delete(key);
  colorings.set(key, coloring);
  if (colorings.size > KEPT) colorings.delete(colorings.keys().next().value);
  return coloring;
}

/**
 * @param {Context['report']} report
 * @param {{model: string, color: string, axes: readonly string[]}} mode
 * @param {Head | false} head for what depends on one head's attention
 * @param {Work} work
 * @returns {Promise<Coloring | undefined>}
 */
async function makeColoring(report, { model, color, axes }, head, work) {
  const points = await Promise.all(axes.map((axis) => openPoints(report, model, axis)));
  if (head) return colorByHead(report, { model, color, head, points }, work);
  if (color === 'mean' || color === 'patch') return colorByImage(report, { model, color, points });
  return colorByValue(report, { model, color, points });
}

/** Lets go of the colourings that hold images: the rest are small. @param {Pick<Context, 'report'>} context */
export function releaseImages({ report }) {
  const colorings = kept.get(report);
  for (const [key, { patches }] of colorings ?? []) if (patches) colorings?.delete(key);
}

/**
 * Paints a cloud; a fresh array, so that renderers see the change.
 * @param {Coloring} coloring
 * @param {Cloud} cloud
 * @param {Iterable<readonly [Head, {first: number, count: number}]>} ranges the vertices of each head in the cloud
 */
export function paintCloud({ slots }, cloud, ranges) {
  const paint = cloud.kinds.slice();
  for (const [head, { first, count }] of ranges) {
    const headSlots = slots(head.stackInfo);
    for (let vertex = first; vertex < first + count; vertex++) {
      const kind = cloud.kinds[vertex];
      paint[vertex] = headSlots[kind]?.[cloud.points[vertex]] ?? kind;
    }
  }
  cloud.paint = paint;
}
