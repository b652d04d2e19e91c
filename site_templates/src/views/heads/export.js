/** The table of heads as a file: the rows that are shown, in their order, with every column and all digits. */
import { columnsOf } from '../../state/head-columns.js';
import { toCsv } from '../../state/csv.js';

/** @import { Model } from '../../data/types.js' */
/** @import { Head } from '../../parts/types.js' */

/** @param {Model} model @param {readonly Head[]} heads */
export function headsAsCsv(model, heads) {
  const columns = columnsOf(model);
  return toCsv(['model', 'stack', 'layer', 'head', 'labels', ...columns.map(({ name }) => name)], heads.map((head) => [
    model.name, head.stack, head.layer, head.head, (head.labels ?? []).map(({ name }) => name).join('; '),
    ...columns.map(({ value }) => value(head)),
  ]));
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
