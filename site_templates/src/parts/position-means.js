/**
 * Mean attention by where query and key stand in their document.
 * @import { Attention } from '../data/types.js'
 */

/** Equal parts that each document is cut into. */
export const PARTS = 16;
/** Work goes on for so long, in milliseconds, before the page gets its turn. */
const TURN_MS = 16;

/**
 * Sums of rows by the query's part. A token of n covers an n-th of its document: where that lies in several parts, its
 * attention is shared out.
 */
export class PositionMeans {
  /** (query part, key part), of so many rows each. */
  #sums = new Float64Array(PARTS * PARTS);
  #rows = new Float64Array(PARTS);

  /** @param {Attention} attention @param {number} query */
  add(attention, query) {
    const row = attention.row(query);
    if (Number.isNaN(row[0])) return;
    const byPart = new Float64Array(PARTS);
    for (let key = 0; key < row.length; key++) {
      if (row[key] > 0) spread(key, row.length, (part, share) => void (byPart[part] += share * row[key]));
    }
    spread(query, attention.queries, (part, share) => {
      this.#rows[part] += share;
      for (let to = 0; to < PARTS; to++) this.#sums[part * PARTS + to] += share * byPart[to];
    });
  }

  /** (query part, key part): the mean row of queries in each part; NaN where there are none. */
  values() {
    return this.#sums.map((sum, i) => sum / this.#rows[Math.floor(i / PARTS)]);
  }
}

/**
 * The parts that a token lies in, and how much of it.
 * @param {number} token
 * @param {number} length of the document
 * @param {(part: number, share: number) => void} take
 */
function spread(token, length, take) {
  const [from, to] = [(token * PARTS) / length, ((token + 1) * PARTS) / length];
  for (let part = Math.floor(from); part < Math.min(to, PARTS); part++) {
    const share = (Math.min(to, part + 1) - Math.max(from, part)) / (to - from);
    if (share > 1e-12) take(part, share);
  }
}

/**
 * Documents to take the mean over: all, or so many at even steps.
 * @param {number} count of all
 * @param {number} most
 */
export function evenly(count, most) {
  const number = Math.min(count, most);
  return Array.from({ length: number }, (_, i) => Math.floor((i * count) / number));
}

/**
 * The means over documents; undefined where it was stopped.
 * @param {(document: number) => Promise<Attention>} open
 * @param {readonly number[]} documents
 * @param {(done: number) => boolean} goOn told after each turn; false stops
 */
export async function measurePositions(open, documents, goOn) {
  const means = new PositionMeans();
  let turn = performance.now();
  for (const [done, document] of documents.entries()) {
    const attention = await open(document);
    for (let query = 0; query < attention.queries; query++) {
      means.add(attention, query);
      if (performance.now() - turn < TURN_MS) continue;
      if (!goOn(done)) return undefined;
      await new Promise((resolve) => void setTimeout(resolve));
      turn = performance.now();
    }
  }
  return goOn(documents.length) ? means.values() : undefined;
}
