/**
 * Colours that one head's attention gives: how widely each query's row is spread, how much each key receives.
 * Computed here, from the same decoded rows as everything else, document by document.
 * @import { Attention, Lengths } from '../../data/types.js'
 * @import { Points } from './values.js'
 */
import { sampledDocuments } from './values.js';

/** Work goes on for so long, in milliseconds, before the page gets its turn. */
const TURN_MS = 16;

/**
 * @typedef {object} Measures one value a point; NaN where a row has no attention
 * @property {Float64Array} entropy of each query's row, in nats
 * @property {Float64Array} received by each key from all queries of its document, in even shares: 1 if attention were
 *   spread evenly over the document's keys
 */

/**
 * @param {(document: number) => Promise<Attention | undefined>} open undefined where it is not stored
 * @param {Points} queries
 * @param {Points} keys
 * @param {(done: number, all: number) => boolean} goOn told after each turn; false stops
 * @returns {Promise<Measures | undefined>} undefined where it was stopped
 */
export async function measureHead(open, queries, keys, goOn) {
  const entropy = new Float64Array(queries.sample.length).fill(NaN);
  const received = new Float64Array(keys.sample.length).fill(NaN);
  const [queryPoint, keyPoint] = [queries, keys].map(pointsOfTokens);
  const documents = [...new Set([...sampledDocuments(queries), ...sampledDocuments(keys)])];
  let turn = performance.now();
  for (const [done, document] of documents.entries()) {
    const attention = await open(document);
    if (!attention) continue;
    const column = new Float64Array(attention.keys);
    let rows = 0;
    for (let i = 0; i < attention.queries; i++) {
      const spread = addRow(attention.row(i), column);
      rows += Number.isNaN(spread) ? 0 : 1;
      const point = queryPoint[queries.layout.offsets[document] + i];
      if (point >= 0) entropy[point] = spread;
      if (performance.now() - turn < TURN_MS) continue;
      if (!goOn(done, documents.length)) return undefined;
      await new Promise((resolve) => void setTimeout(resolve));
      turn = performance.now();
    }
    for (let j = 0; j < attention.keys; j++) {
      const point = keyPoint[keys.layout.offsets[document] + j];
      if (point >= 0 && rows > 0) received[point] = (column[j] * attention.keys) / rows;
    }
  }
  return { entropy, received };
}

/**
 * Lengths of queries and keys at their points; NaN in documents of which they are not stored.
 * @param {(document: number) => Promise<Lengths | undefined>} open
 * @param {Points} queries
 * @param {Points} keys
 * @param {(done: number, all: number) => boolean} goOn told before each document; false stops
 * @returns {Promise<[Float64Array, Float64Array] | undefined>}
 */
export async function measurePoints(open, queries, keys, goOn) {
  const lengthsOf = { queries: new Float64Array(queries.sample.length).fill(NaN),
    keys: new Float64Array(keys.sample.length).fill(NaN) };
  const documents = [...new Set([...sampledDocuments(queries), ...sampledDocuments(keys)])];
  for (const [done, document] of documents.entries()) {
    if (!goOn(done, documents.length)) return undefined;
    const lengths = await open(document);
    if (!lengths) continue;
    for (const [side, { layout, sample }] of /** @type {const} */ ([['queries', queries], ['keys', keys]])) {
      sample.forEach((index, point) => {
        const token = index - layout.offsets[document];
        if (token >= 0 && token < layout.lengths[document]) lengthsOf[side][point] = lengths[side][token];
      });
    }
  }
  return [lengthsOf.queries, lengthsOf.keys];
}

/**
 * A row's entropy in nats, the row added to the column sums; NaN where the row has no attention.
 * @param {Float64Array} row
 * @param {Float64Array} column
 */
function addRow(row, column) {
  let sum = 0;
  for (let j = 0; j < row.length; j++) {
    const p = row[j];
    if (Number.isNaN(p)) return NaN;
    if (p <= 0) continue;
    sum -= p * Math.log(p);
    column[j] += p;
  }
  return sum;
}

/** The point of each token in corpus order; −1 where it was not sampled. @param {Points} points */
function pointsOfTokens({ layout, sample }) {
  const pointOf = new Int32Array(layout.offsets[layout.offsets.length - 1]).fill(-1);
  sample.forEach((token, point) => {
    pointOf[token] = point;
  });
  return pointOf;
}
