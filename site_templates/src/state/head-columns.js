/**
 * What is known of every head, as columns: its labels, its statistics, how true its stored attention and its maps are.
 * Pure: the manifest has all of it.
 * @import { Head, Model } from '../data/types.js'
 */
import { isShare } from './layout.js';

/**
 * @typedef {object} Column
 * @property {string} name in links, filters and exported files
 * @property {string} title
 * @property {string} unit
 * @property {string} description
 * @property {'statistics' | 'stored' | 'maps'} group
 * @property {(head: Head) => number | null} value null where it is not defined
 * @property {(head: Head) => number | null} [error] standard error of a value of a sample; null where it is exact
 * @property {string} [sample] what the sample is of, if not of queries
 * @property {(head: Head) => boolean} [open] whether a largest value is of a sample, so that a larger one may be
 */

/** What tells heads apart at a glance; the others wait in the menu. */
const FIRST = [
  'entropy', 'evenness', 'distance', 'effect_loss', 'effect_hidden', 'components_variation', 'patch_distance',
  'previous', 'next', 'first', 'separator', 'duplicate_probe', 'induction', 'positional', 'column', 'row',
];
const MOST_FIRST = 10;

/** @type {Column[]} */
const STORED = [
  {
    name: 'stored.total_variation',
    title: 'Stored, off by',
    description: 'How much of a query’s attention lies on other keys than in the model, on average: total variation of '
      + 'what the report stores against the model’s own attention.',
    unit: 'share',
    group: 'stored',
    value: (head) => head.certificate.total_variation,
    error: (head) => head.certificate.total_variation_standard_error ?? null,
  },
  {
    name: 'stored.worst',
    title: 'Stored, worst document',
    description: 'The same in the document where it is worst.',
    unit: 'share',
    group: 'stored',
    value: (head) => head.certificate.worst_total_variation,
    error: (head) => head.certificate.worst_total_variation_standard_error ?? null,
  },
  {
    name: 'stored.max_error',
    title: 'Stored, largest error',
    description: 'The largest error of any weight that was measured.',
    unit: 'share',
    group: 'stored',
    value: (head) => head.certificate.max_error,
    open: (head) => head.certificate.sampled,
  },
  {
    name: 'stored.top1',
    title: 'Stored, same top key',
    description: 'How many queries have the same strongest key as in the model.',
    unit: 'share',
    group: 'stored',
    value: (head) => head.certificate.top1,
    error: (head) => head.certificate.top1_standard_error ?? null,
  },
];

/** @type {Column} */
const NEAREST = {
  name: 'alike.distance',
  title: 'Most alike, distance',
  description: 'How far the head is that attends most like it: 0 is the same attention, 1 nothing in common.',
  unit: '',
  group: 'statistics',
  value: (head) => head.alike?.[0]?.distance ?? null,
  error: (head) => head.alike?.[0]?.standard_error ?? null,
};

/** @type {WeakMap<Model, Column[]>} */
const columnsByModel = new WeakMap();

/** Every column of numbers, in order. @param {Model} model @returns {readonly Column[]} */
export function columnsOf(model) {
  let columns = columnsByModel.get(model);
  if (!columns) {
    const nearest = (model.layouts ?? []).length > 0 ? [NEAREST] : [];
    columns = [...model.statistics.map(statisticColumn), ...nearest, ...STORED, ...model.maps.flatMap(mapColumns)];
    columnsByModel.set(model, columns);
  }
  return columns;
}

/** @param {Model['statistics'][number]} statistic @returns {Column} */
function statisticColumn({ name, title, unit, description }) {
  return {
    name: name.replaceAll(',', ' '), // links have commas between names, and the name of a label may have one
    title,
    unit,
    description,
    group: 'statistics',
    value: (head) => head.statistics[name] ?? null,
    error: (head) => head.standard_errors?.[name] ?? null,
    sample: 'random texts',
  };
}

/** @param {Model['maps'][number]} map @returns {Column[]} */
function mapColumns({ id, title }) {
  return [
    {
      name: `${id}.top3_mass`,
      title: `${title}, nearest keys`,
      description: 'How much of the attention that any three keys could carry the three nearest keys on the map carry, '
        + `averaged over queries (${title}).`,
      unit: 'share',
      group: 'maps',
      value: (head) => head.maps[id]?.top3_mass ?? null,
      error: (head) => head.maps[id]?.top3_mass_standard_error ?? null,
    },
    {
      name: `${id}.rank`,
      title: `${title}, rank`,
      description: `Rank correlation of distance on the map with attention; −1 would be perfect (${title}).`,
      unit: '',
      group: 'maps',
      value: (head) => head.maps[id]?.rank ?? null,
      error: (head) => head.maps[id]?.rank_standard_error ?? null,
    },
  ];
}

/** Names of the columns that a table begins with. @param {Model} model */
export function usualColumns(model) {
  const names = columnsOf(model).map(({ name }) => name);
  const telling = FIRST.filter((name) => names.includes(name));
  const statistics = telling.length > 0 ? telling : model.statistics.map(({ name }) => name);
  const maps = model.maps.slice(0, 1).map(({ id }) => `${id}.top3_mass`);
  return [...statistics.slice(0, MOST_FIRST), 'stored.total_variation', ...maps];
}

/**
 * The columns that a link names, in the order of all columns.
 * @param {Model} model
 * @param {string} names with commas between; '' for the usual ones
 */
export function chosenColumns(model, names) {
  const chosen = names === '' ? usualColumns(model) : names.split(',');
  return columnsOf(model).filter(({ name }) => chosen.includes(name));
}

/**
 * The ends of a column's scale, 0 always among them; a share's is 0 to 1.
 * @param {Column} column
 * @param {readonly Head[]} heads
 * @returns {[number, number]}
 */
export function scaleOf(column, heads) {
  let [low, high] = [0, 0];
  for (const head of heads) {
    const value = column.value(head) ?? 0;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (isShare(column.unit) && column.group !== 'stored' && low === 0 && high <= 1) high = 1;
  return [low, high];
}

/**
 * Where a value's bar begins and ends on a scale, in [0, 1]: from zero to the value.
 * @param {number} value
 * @param {[number, number]} scale
 * @returns {[number, number]}
 */
export function barOf(value, [low, high]) {
  if (high <= low) return [0, 0];
  const [zero, at] = [-low / (high - low), (value - low) / (high - low)];
  return [Math.min(zero, at), Math.max(zero, at)];
}
