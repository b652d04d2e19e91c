/**
 * Heads as a table to be taken away: a row each, in their order, with every column and all digits. A column measured on
 * a sample is followed by its standard errors.
 */
import { columnsOf } from '../state/head-columns.js';

/** @import { Model } from '../data/types.js' */
/** @import { Column } from '../state/head-columns.js' */
/** @import { Table } from './figure/types.js' */
/** @import { Head } from './types.js' */

/** @param {Model} model @param {readonly Head[]} heads @returns {Table} */
export function headsTable(model, heads) {
  const columns = columnsOf(model).flatMap((column) => withErrors(column, heads));
  return {
    columns: ['model', 'stack', 'layer', 'head', 'labels', 'awake_labels', 'alike', ...columns.map(({ name }) => name)],
    count: heads.length,
    rows: () => heads.map((head) => [
      model.name, head.stack, head.layer, head.head, (head.labels ?? []).map(({ name }) => name).join('; '),
      (head.awake_labels ?? []).map(({ name }) => name).join('; '),
      head.alike?.[0]?.head ?? null, ...columns.map(({ value }) => value(head)),
    ]),
  };
}

/** @param {Column} column @param {readonly Head[]} heads @returns {{name: string, value: Column['value']}[]} */
function withErrors({ name, value, error }, heads) {
  const sampled = error && heads.some((head) => error(head) !== null);
  return sampled ? [{ name, value }, { name: `${name}.standard_error`, value: error }] : [{ name, value }];
}
