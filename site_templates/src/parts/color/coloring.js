/**
 * What the colour of a point says: gathers the values of a mode, and makes of them palette slots, a legend and words.
 * @import { Stack } from '../../data/types.js'
 * @import { Cloud, Rgb } from '../../draw/types.js'
 * @import { Points, Values } from './values.js'
 * @import { Groups } from './groups.js'
 * @import { Tick } from './scale.js'
 * @import { PatchSheet } from './patch-sheet.js'
 * @import { Colors, Context, Head } from '../types.js'
 */
import { categories, FIRST, NONE, quantiseColors, rampSlot, rampSlots, SLOTS, tones } from '../../draw/palette.js';
import { labelOf, modulusOf } from '../../state/colors.js';
import { measureHead, measurePoints } from './measures.js';
import { groupValues, NAMED } from './groups.js';
import { makeScale } from './scale.js';
import { openPoints, readValues } from './values.js';
import { figuresOf } from './figures.js';
import { clip } from '../numbers.js';
import { loadPatches } from './patch-sheet.js';

/**
 * @typedef {{type: 'kind'} | {type: 'mean'} | {type: 'patch', points: number} | {type: 'ramp', title: string, ticks: Tick[], note?: string}
 *   | {type: 'groups', title: string, groups: Groups, name: (value: string | number) => string}} Legend
 */
/** @typedef {Uint8Array | undefined} Slots a palette slot for each point; undefined: the kind's own */
/**
 * @typedef {object} Coloring
 * @property {(stack: Stack) => [Slots, Slots]} slots of a head's queries and keys
 * @property {(colors: Colors) => readonly Rgb[]} own the mode's colours, in the palette from FIRST on
 * @property {Legend} legend
 * @property {(kind: 0 | 1, axis: string, point: number) => string} tell the value of a point in words; '' where it has none
 * @property {Map<string, PatchSheet>} [patches] of each axis
 */
/** @typedef {{goOn: () => boolean, progress: (text: string) => void}} Work */

/** @type {Coloring} */
export const BY_KIND = { slots: () => [undefined, undefined], own: () => [], legend: { type: 'kind' }, tell: () => '' };

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
  const names = [...new Set(heads.flatMap(({ stackInfo }) => [stackInfo.query_axis, stackInfo.key_axis]))];
  const oneHead = ['entropy', 'received', 'length'].includes(color);
  const key = JSON.stringify([model, color, names, oneHead ? heads[0].id : '']);
  const own = kept.get(report) ?? new Map();
  kept.set(report, own);
  let coloring = own.get(key);
  if (!coloring) {
    const points = await Promise.all(names.map((name) => openPoints(report, model, name)));
    coloring = oneHead ? await byHead(report, model, heads[0], color, points, work)
      : color === 'mean' || color === 'patch' ? await byPicture(report, model, color, points)
        : byValue(color, points, await Promise.all(points.map((axis) => readValues(report, model, axis, color))),
          await titles(report, color));
  }
  if (!coloring) return undefined;
  own.delete(key);
  own.set(key, coloring);
  if (own.size > KEPT) own.delete(own.keys().next().value);
  return coloring;
}

/** Lets go of the colourings that hold pictures: the rest are small. @param {Pick<Context, 'report'>} context */
export function releasePictures({ report }) {
  const own = kept.get(report);
  for (const [key, { patches }] of own ?? []) if (patches) own?.delete(key);
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
    const own = slots(head.stackInfo);
    for (let v = first; v < first + count; v++) paint[v] = own[cloud.kinds[v]]?.[cloud.points[v]] ?? cloud.kinds[v];
  }
  cloud.paint = paint;
}

/** @param {Colors} colors */
const rampColors = ({ page }) => rampSlots(page);
/** @param {Colors} colors */
const groupColors = ({ page }) => [...categories(page), ...tones(page)];

/** Names of documents, where these are what is coloured by. @param {Context['report']} report @param {string} color */
async function titles(report, color) {
  if (color !== 'document') return undefined;
  const documents = await report.documents();
  return (/** @type {string | number} */ document) => clip(documents.title(Number(document)), 20);
}

/**
 * @param {string} color
 * @param {Points[]} points
 * @param {Values[]} values
 * @param {((value: string | number) => string) | undefined} names
 * @returns {Coloring}
 */
function byValue(color, points, values, names) {
  const at = new Map(points.map(({ name }, i) => [name, i]));
  const figures = figuresOf(color);
  const every = values.flat();
  const scaled = figures.ramp || isNumeric(color, every);
  const numbers = () => every.map((value) => (value === null ? NaN : Number(value)));
  const scale = scaled ? makeScale(numbers(), figures.range) : undefined;
  const groups = groupValues(every,
    modulusOf(color) ? Array.from({ length: /** @type {number} */ (modulusOf(color)) }, (_, i) => i) : undefined);
  const slotOf = (/** @type {string | number | null} */ value) =>
    (scale ? (value === null ? NONE : rampSlot(scale.place(Number(value)))) : groups.slotOf(value));
  const slots = new Map(points.map(({ name }, i) => [name, Uint8Array.from(values[i], slotOf)]));
  return {
    slots: (stack) => [slots.get(stack.query_axis), slots.get(stack.key_axis)],
    own: scale ? rampColors : groupColors,
    legend: scale ? { type: 'ramp', title: figures.title, ticks: figures.ticks ?? scale.ticks }
      : { type: 'groups', title: figures.title, groups, name: names ?? figures.name },
    tell(_, axis, point) {
      const value = values[at.get(axis) ?? -1]?.[point] ?? null;
      return value === null ? '' : figures.tell(value, groups.countOf(value));
    },
  };
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
  const given = new Set(values.filter((value) => value !== null));
  return given.size > NAMED
    && [...given].every((value) => String(value).trim() !== '' && Number.isFinite(Number(value)));
}

/**
 * @param {Context['report']} report @param {string} model @param {Head} head @param {string} color @param {Points[]} points @param {Work} work
 * @returns {Promise<Coloring | undefined>}
 */
async function byHead(report, model, head, color, points, work) {
  const { query_axis: queryAxis, key_axis: keyAxis } = head.stackInfo;
  const [queries, keys] =
    [queryAxis, keyAxis].map((name) => /** @type {Points} */ (points.find((axis) => axis.name === name)));
  const values = await headValues(report, model, head, color, queries, keys, work);
  if (!values) return undefined;
  const figures = figuresOf(color);
  const scale = makeScale(values.flatMap((own) => [...own]), figures.range);
  const slots = values.map((own) => Uint8Array.from(own, (value) => rampSlot(scale.place(value))));
  const short = color === 'length' && values.some((own) => own.some(Number.isNaN));
  return {
    slots: () => [slots[0], slots[1]],
    own: rampColors,
    legend: { type: 'ramp', title: figures.title, ticks: scale.ticks,
      note: short ? 'grey: short documents, which store attention in place of vectors' : '' },
    tell: (kind, _, point) => (Number.isNaN(values[kind][point]) ? '' : figures.tell(values[kind][point], 0)),
  };
}

/**
 * What one head gives each of its queries and each of its keys; NaN where nothing.
 * @param {Context['report']} report @param {string} model @param {Head} head @param {string} color @param {Points} queries @param {Points} keys @param {Work} work
 * @returns {Promise<Float64Array[] | undefined>}
 */
async function headValues(report, model, head, color, queries, keys, { goOn, progress }) {
  const told = (/** @type {string} */ what) => (/** @type {number} */ done, /** @type {number} */ all) => {
    progress(`Reading ${what}: document ${done + 1} of ${all}`);
    return goOn();
  };
  if (color === 'length') {
    return measurePoints((document) => report.lengths(model, head.id, document), queries, keys, told('vectors'));
  }
  const measures =
    await measureHead((document) => report.attention(model, head.id, document), queries, keys, told('attention'));
  const nothing = (/** @type {Points} */ axis) => new Float64Array(axis.sample.length).fill(NaN);
  return measures && (color === 'entropy' ? [measures.entropy, nothing(keys)] : [nothing(queries), measures.received]);
}

/**
 * @param {Context['report']} report
 * @param {string} model
 * @param {string} color
 * @param {Points[]} points
 * @returns {Promise<Coloring>}
 */
async function byPicture(report, model, color, points) {
  const patches = new Map(await Promise.all(points.map(async (axis) =>
    /** @type {const} */ ([axis.name, await loadPatches(report, model, axis)]))));
  const means = [...patches.values()].flatMap((sheet) => sheet.means);
  const { slots: all, modeColors } = quantiseColors(means);
  /** @type {Map<string, Uint8Array>} */
  const slots = new Map();
  let first = 0;
  for (const { name, sample } of points) {
    slots.set(name, all.subarray(first, first + sample.length));
    first += sample.length;
  }
  const told = new Map([...patches].map(([name, sheet]) => [name, sheet.means]));
  /** @type {Pick<Coloring, 'own' | 'tell'>} */
  const shared = {
    own: () => modeColors.slice(0, SLOTS),
    tell(_, axis, point) {
      const mean = told.get(axis)?.[point];
      return mean ? `mean colour ${mean.join(', ')}` : '';
    },
  };
  if (color === 'mean') {
    return { ...shared, slots: (stack) => [slots.get(stack.query_axis), slots.get(stack.key_axis)],
      legend: { type: 'mean' } };
  }
  return { ...shared, slots: () => [undefined, undefined],
    legend: { type: 'patch', points: 2 * all.filter((slot) => slot >= FIRST).length }, patches };
}
