/** How many weights a table may have, and what stands in its place where there are more. */
import { count } from '../numbers.js';

/** @import { Table } from './types.js' */

/** More weights than this make a file that few programs open. */
const MOST_WEIGHTS = 4e6;

/**
 * A table, or why there is none.
 * @param {number} weights @param {string} instead what a reader can do @param {() => Table} table
 * @returns {{table?: () => Table, noTable?: string}}
 */
export function tableOfWeights(weights, instead, table) {
  if (weights <= MOST_WEIGHTS) return { table };
  return { noTable: `${count(weights)} numbers are too many for a file; ${instead}` };
}
