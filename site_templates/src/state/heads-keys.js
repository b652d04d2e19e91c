/**
 * The part of a link that the table of heads adds: order, filters, columns, and what is drawn as points. Pure.
 * @import { Model } from '../data/types.js'
 * @import { HeadsKeys } from './types.js'
 */
import { columnsOf } from './columns.js';
import { NO_LABEL } from './heads-filter.js';
import { readSort } from './heads-order.js';

/** @type {readonly HeadsKeys['show'][]} */
export const SHOWN = ['table', 'points', 'likeness'];
/** @type {readonly HeadsKeys['tint'][]} */
export const TINTS = ['layer', 'label'];

/** @type {readonly (keyof HeadsKeys)[]} */
export const HEADS_KEYS = ['show', 'sort', 'labels', 'filter', 'columns', 'x', 'y', 'tint'];

/** What each name in a link may be, for a model. @param {Model | undefined} model */
export function headsNames(model) {
  const columns = model ? columnsOf(model).map(({ name }) => name) : [];
  const labels = [...(model?.labels ?? []).map(({ name }) => name), NO_LABEL];
  return { columns, labels, sorts: ['head', 'stack', 'labels', ...columns] };
}

/**
 * What is absent, or not of this model, gets its default.
 * @param {Partial<HeadsKeys>} patch
 * @param {Model | undefined} model
 * @returns {HeadsKeys}
 */
export function settleHeads(patch, model) {
  const { columns, labels, sorts } = headsNames(model);
  const [x, y] = usualAxes(columns);
  return {
    show: patch.show ?? 'table',
    sort: sorts.includes(readSort(patch.sort ?? '').name) && patch.sort !== 'head' ? patch.sort ?? '' : '',
    labels: among(patch.labels, labels),
    filter: patch.filter ?? '',
    columns: among(patch.columns, columns),
    x: columns.includes(patch.x ?? '') ? patch.x ?? '' : x,
    y: columns.includes(patch.y ?? '') ? patch.y ?? '' : y,
    tint: patch.tint ?? 'layer',
  };
}

/** Those of a list that are known, in the order of what is known. @param {string | undefined} list with commas between @param {readonly string[]} known */
export function among(list, known) {
  const wanted = (list ?? '').split(',');
  return known.filter((name) => wanted.includes(name)).join(',');
}

/** @param {readonly string[]} columns */
function usualAxes(columns) {
  const wanted = ['distance', 'patch_distance', 'entropy'].filter((name) => columns.includes(name));
  const [x = columns[0] ?? '', y = columns[1] ?? x] = wanted;
  return [x, y];
}
