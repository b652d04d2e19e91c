/** How long the model's own queries and keys are, from query–key codes: short documents store attention instead. */

import { QUERIES } from '../format/columns.js';
import { PACKED, unpackPart } from './attention.js';

/** @import { Lengths } from './types.d.ts' */
/** @import { Shard } from './shard.js' */

/**
 * The Euclidean norm of every query and key of one head in one document: of q = q̂ / b and k = (k̂ + m) · b, where
 * q̂ and k̂ are the decoded codes, b the balance and m the keys' mean.
 * @param {Shard[]} shards
 * @param {{head: number, kv_head: number}} head
 * @param {number} document
 * @param {{queries: number, keys: number}} tokens
 * @param {number} size channels of a vector
 * @returns {Lengths}
 */
export function measureLengths(shards, head, document, tokens, size) {
  const unknown = (/** @type {number} */ count) => new Float64Array(count).fill(NaN);
  const lengths = { queries: unknown(tokens.queries), keys: unknown(tokens.keys) };
  for (const shard of shards) {
    const [documents, heads, sides] = [shard.numbers('document'), shard.numbers('head'), shard.numbers('side')];
    for (let row = 0; row < shard.rows; row++) {
      const number = sides[row] === QUERIES ? head.head : head.kv_head;
      if (documents[row] !== document || heads[row] !== number) continue;
      measureRow(shard, row, size, sides[row] === QUERIES ? lengths.queries : lengths.keys);
    }
  }
  return lengths;
}

/** @param {Shard} shard @param {number} row @param {number} size @param {Float64Array} lengths written into */
function measureRow(shard, row, size, lengths) {
  const query = shard.value('side', row) === QUERIES;
  const [start, rows] = [shard.value('start', row), shard.value('rows', row)];
  if (start + rows > lengths.length) throw shard.fault(`row ${row} has tokens beyond the document's`);
  const isPacked = shard.entry.encoding === PACKED;
  const codes = isPacked ? unpackPart({ shard, row, rows }, size) : shard.need('codes', row, rows * size);
  const step = isPacked ? shard.needFinite('step', row, size) : null;
  const scale = isPacked ? null : shard.list('scale', row);
  const balance = isPacked ? new Float32Array(size).fill(1) : shard.need('balance', row, size);
  const mean = query ? null : shard.need('mean', row, size);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let c = 0; c < size; c++) {
      const value = codes[i * size + c] * (step ? step[c] : scale ? scale[i] : 1);
      sum += (mean ? (value + mean[c]) * balance[c] : value / balance[c]) ** 2;
    }
    lengths[start + i] = Math.sqrt(sum);
  }
}
