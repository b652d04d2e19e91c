/**
 * The order of the heads' table. Pure.
 * @import { Head, Model } from '../data/types.js'
 */
import { leadingLabels } from './awake.js';
import { columnsOf } from './head-columns.js';

/**
 * A column and a direction, as links spell them: "-entropy" has the largest first.
 * @param {string} sort
 * @returns {{name: string, down: boolean}}
 */
export function readSort(sort) {
  return sort.startsWith('-') ? { name: sort.slice(1), down: true } : { name: sort, down: false };
}

/**
 * What a press on a column's heading makes of the order: numbers begin with the largest, names with the first;
 * then the other way round, then the model's own order.
 * @param {string} sort
 * @param {string} name
 * @param {boolean} largest whether to begin with the largest
 */
export function nextSort(sort, name, largest) {
  const [first, second] = largest ? [`-${name}`, name] : [name, `-${name}`];
  if (sort === second) return '';
  return sort === first ? second : first;
}

/**
 * Heads in order of a column; equal ones keep the model's order, those without a value come last either way.
 * @param {readonly Head[]} heads in the model's order
 * @param {string} sort
 * @param {Model} model
 * @returns {Head[]}
 */
export function sortHeads(heads, sort, model) {
  const { name, down } = readSort(sort);
  const sign = down ? -1 : 1;
  if (name === 'head') return down ? [...heads].reverse() : [...heads];
  if (name === 'stack') {
    const stacks = model.stacks.map((stack) => stack.name);
    return sortBy(heads, (head) => stacks.indexOf(head.stack), (a, b) => sign * (a - b));
  }
  if (name === 'labels') return sortBy(heads, labelRank(model), (a, b) => sign * (a - b));
  const column = columnsOf(model).find((candidate) => candidate.name === name);
  return column ? sortBy(heads, column.value, (a, b) => sign * (a - b)) : [...heads];
}

/**
 * Where a head's strongest label stands among the model's labels; within one label the stronger first.
 * @param {Model} model
 * @returns {(head: Head) => number | null}
 */
function labelRank(model) {
  const order = (model.labels ?? []).map(({ name }) => name);
  return (head) => {
    const labels = leadingLabels(head);
    if (labels.length === 0) return null;
    const [{ name, score }] = labels;
    return order.indexOf(name) + (1 - Math.min(Math.max(score, 0), 1)) / 2;
  };
}

/**
 * @param {readonly Head[]} heads
 * @param {(head: Head) => number | null} key
 * @param {(a: number, b: number) => number} compare
 */
function sortBy(heads, key, compare) {
  const keyed = heads.map((head) => ({ head, at: key(head) }));
  keyed.sort((a, b) => {
    if (a.at === null || b.at === null) return Number(a.at === null) - Number(b.at === null);
    return compare(a.at, b.at);
  });
  return keyed.map(({ head }) => head);
}
