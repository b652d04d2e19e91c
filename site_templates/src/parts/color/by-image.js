/**
 * Colours that images give: each point in the mean colour of its patch, or drawn as the patch itself.
 * @import { Report } from '../../data/report.js'
 * @import { Coloring } from './coloring.js'
 * @import { Points } from './values.js'
 */
import { FIRST, quantiseColors, SLOTS } from '../../draw/palette.js';
import { loadPatches } from './patch-sheet.js';

/**
 * @param {Report} report
 * @param {{model: string, color: string, points: readonly Points[]}} mode
 * @returns {Promise<Coloring>}
 */
export async function colorByImage(report, { model, color, points }) {
  const sheets = await Promise.all(points.map((axis) => loadPatches(report, model, axis)));
  const patches = new Map(points.map(({ name }, i) => [name, sheets[i]]));
  const { slots: allSlots, modeColors } = quantiseColors(sheets.flatMap(({ means }) => means));
  /** @type {Pick<Coloring, 'hues' | 'tell'>} */
  const shared = {
    hues: () => modeColors.slice(0, SLOTS),
    tell(_, axis, point) {
      const mean = patches.get(axis)?.means[point];
      return mean ? `mean colour ${mean.join(', ')}` : '';
    },
  };
  if (color === 'patch') {
    const painted = allSlots.filter((slot) => slot >= FIRST).length;
    // Each is drawn as a query and as a key.
    return { ...shared, slots: () => [undefined, undefined], legend: { type: 'patch', points: 2 * painted }, patches };
  }
  const slots = slotsOfAxes(points, allSlots);
  return {
    ...shared, slots: (stack) => [slots.get(stack.query_axis), slots.get(stack.key_axis)], legend: { type: 'mean' },
  };
}

/**
 * The slots of each axis's points.
 * @param {readonly Points[]} points
 * @param {Uint8Array} allSlots one axis after another
 */
function slotsOfAxes(points, allSlots) {
  /** @type {Map<string, Uint8Array>} */
  const slots = new Map();
  let first = 0;
  for (const { name, sample } of points) {
    slots.set(name, allSlots.subarray(first, first + sample.length));
    first += sample.length;
  }
  return slots;
}
