/** Values that are names: the most frequent get a colour of their own and a place in the legend. Pure. */
import { FIRST, NONE, TONES } from '../../draw/palette.js';

/** As many as can be told apart by colour. */
export const NAMED = 8;

/** @typedef {{slot: number, value: string | number, count: number}} Group */
/**
 * @typedef {object} Groups
 * @property {Group[]} named most frequent first
 * @property {{values: number, count: number}} rest the other values: each has one of a few quiet tones
 * @property {number} none points without a value
 * @property {(value: string | number | null) => number} slotOf palette slot of a value
 * @property {(value: string | number) => number} countOf points of a value
 */

/**
 * @param {Iterable<string | number | null>} values one a point
 * @param {readonly (string | number)[]} [order] values in an order of their own, where there are NAMED at most
 * @returns {Groups}
 */
export function groupValues(values, order) {
  /** @type {Map<string | number, number>} */
  const counts = new Map();
  let none = 0;
  for (const value of values) {
    if (value === null) none++;
    else counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const ranked = order ? order.map((value) => /** @type {const} */ ([value, counts.get(value) ?? 0]))
    : [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const named = ranked.slice(0, NAMED).map(([value, count], i) => ({ slot: FIRST + i, value, count }));
  const slots = new Map(named.map(({ value, slot }) => [value, slot]));
  const others = ranked.slice(NAMED);
  return {
    named,
    rest: { values: others.length, count: others.reduce((sum, [, count]) => sum + count, 0) },
    none,
    slotOf: (value) => (value === null ? NONE : slots.get(value) ?? toneOf(value)),
    countOf: (value) => counts.get(value) ?? 0,
  };
}

/** A quiet tone, always the same for a value. @param {string | number} value */
function toneOf(value) {
  let hash = 2166136261;
  for (const unit of String(value)) hash = Math.imul(hash ^ /** @type {number} */ (unit.codePointAt(0)), 16777619);
  return FIRST + NAMED + ((hash >>> 0) % TONES);
}
