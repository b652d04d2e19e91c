/**
 * The table of heads as a file: the rows that are shown, in their order, with every column and all digits. A column
 * measured on a sample is followed by its standard errors.
 */
import { columnsOf } from '../../state/head-columns.js';
import { toCsv } from '../../state/csv.js';

/** @import { Model } from '../../data/types.js' */
/** @import { Column } from '../../state/head-columns.js' */
/** @import { Head } from '../../parts/types.js' */

/** @param {Model} model @param {readonly Head[]} heads */
export function headsAsCsv(model, heads) {
  const columns = columnsOf(model).flatMap((column) => withErrors(column, heads));
  const names = ['model', 'stack', 'layer', 'head', 'labels', 'alike', ...columns.map(({ name }) => name)];
  return toCsv(names, heads.map((head) => [
    model.name, head.stack, head.layer, head.head, (head.labels ?? []).map(({ name }) => name).join('; '),
    head.alike?.[0]?.head ?? null, ...columns.map(({ value }) => value(head)),
  ]));
}

/** @param {Column} column @param {readonly Head[]} heads @returns {{name: string, value: Column['value']}[]} */
function withErrors({ name, value, error }, heads) {
  const sampled = error && heads.some((head) => error(head) !== null);
  return sampled ? [{ name, value }, { name: `${name}.standard_error`, value: error }] : [{ name, value }];
}

/** @param {Model} model @param {readonly Head[]} heads */
export function saveHeads(model, heads) {
  const address = URL.createObjectURL(new Blob([headsAsCsv(model, heads)], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `${model.name.replace(/[^\w.-]+/g, '-')}-heads.csv`;
  link.click();
  // The browser takes the file in its own time.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
