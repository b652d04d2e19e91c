/** The two colours of the two directions: what is looked at in the keys' own, who looks in the queries'. */
import { makeHeat } from '../../draw/heat.js';

/** @import { Heat } from '../../draw/heat.js' */
/** @import { Colors } from '../../parts/types.js' */
/** @import { PanelName } from './panels.js' */

/** @type {WeakMap<Colors, Record<PanelName, Heat>>} */
const hues = new WeakMap();

/** @param {Colors} colors of the theme */
export function huesOf(colors) {
  const ready = hues.get(colors);
  if (ready) return ready;
  const { page, ink, key, query } = colors;
  const both = { row: makeHeat(page, key, ink), column: makeHeat(page, query, ink) };
  hues.set(colors, both);
  return both;
}
