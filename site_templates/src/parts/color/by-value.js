/**
 * Colours that a value of each token or document gives: a ramp for numbers, a colour each for the most frequent names.
 * @import { Report } from '../../data/report.js'
 * @import { Colors } from '../types.js'
 * @import { Coloring } from './coloring.js'
 * @import { Figures } from './figures.js'
 * @import { Groups } from './groups.js'
 * @import { Points, Values } from './values.js'
 */
import { categories, NONE, rampSlot, rampSlots, tones } from '../../draw/palette.js';
import { labelOf, modulusOf } from '../../state/colors.js';
import { clip } from '../names.js';
import { figuresOf } from './figures.js';
import { groupValues, NAMED } from './groups.js';
import { makeScale } from './scale.js';
import { readValues } from './values.js';

/**
 * @typedef {Pick<Coloring, 'hues' | 'legend'> & {slotOf: (value: string | number | null) => number}} Key how values
 *   become colours
 */

const LONGEST_TITLE = 20;

/**
 * @param {Report} report
 * @param {{model: string, color: string, points: readonly Points[]}} mode
 * @returns {Promise<Coloring>}
 */
export async function colorByValue(report, { model, color, points }) {
  const values = await Promise.all(points.map((axis) => readValues(report, model, axis, color)));
  const titleOf = color === 'document' ? await documentTitles(report) : undefined;
  const figures = figuresOf(color);
  const every = values.flat();
  const groups = groupValues(every, remainders(color));
  const scaled = figures.ramp || isNumeric(color, every);
  const { slotOf, hues, legend } = scaled ? onRamp(figures, every) : inGroups(figures, groups, titleOf);

  const slots = new Map(points.map(({ name }, i) => [name, Uint8Array.from(values[i], slotOf)]));
  const valuesOf = new Map(points.map(({ name }, i) => [name, values[i]]));
  return {
    slots: (stack) => [slots.get(stack.query_axis), slots.get(stack.key_axis)],
    hues,
    legend,
    tell(_, axis, point) {
      const value = valuesOf.get(axis)?.[point] ?? null;
      return value === null ? '' : figures.tell(value, groups.countOf(value));
    },
  };
}

/** @param {Figures} figures @param {Values} values @returns {Key} */
function onRamp(figures, values) {
  const scale = makeScale(values.map((value) => (value === null ? NaN : Number(value))), figures.range);
  return {
    slotOf: (value) => (value === null ? NONE : rampSlot(scale.place(Number(value)))),
    hues: rampHues,
    legend: { type: 'ramp', title: figures.title, ticks: figures.ticks ?? scale.ticks },
  };
}

/**
 * @param {Figures} figures
 * @param {Groups} groups
 * @param {((value: string | number) => string) | undefined} titleOf
 * @returns {Key}
 */
function inGroups(figures, groups, titleOf) {
  return {
    slotOf: groups.slotOf,
    hues: ({ page }) => [...categories(page), ...tones(page)],
    legend: { type: 'groups', title: figures.title, groups, name: titleOf ?? figures.name },
  };
}

/** The colours of a ramp, in the palette. @param {Colors} colors */
export function rampHues({ page }) {
  return rampSlots(page);
}

/** @param {Report} report */
async function documentTitles(report) {
  const documents = await report.documents();
  return (/** @type {string | number} */ document) => clip(documents.title(Number(document)), LONGEST_TITLE);
}

/** What a modulus leaves, in order; undefined for other modes. @param {string} color */
function remainders(color) {
  const modulus = modulusOf(color);
  return modulus === undefined ? undefined : Array.from({ length: modulus }, (_, i) => i);
}

/**
 * Whether a mode's values are on a scale: a column of many numbers, or a modulus with more remainders than colours.
 * @param {string} color
 * @param {Values} values
 */
function isNumeric(color, values) {
  const modulus = modulusOf(color);
  if (modulus !== undefined) return modulus > NAMED;
  if (!labelOf(color)) return false;
  const distinct = new Set(values.filter((value) => value !== null));
  return distinct.size > NAMED
    && [...distinct].every((value) => String(value).trim() !== '' && Number.isFinite(Number(value)));
}
