/**
 * Attention weighted by how long the values are that it brings: a‖v‖, each row divided by its sum. The twin of
 * generator/attnviz/value_lengths.py.
 * @import { Attention } from './types.d.ts'
 * @import { Breathe } from './aggregate.js'
 * @import { Shard } from './shard.js'
 */

/**
 * @implements {Attention}
 */
export class WeightedAttention {
  /**
   * @param {Attention} attention
   * @param {Float64Array} lengths of the keys' values
   * @param {Float64Array} totals what each query's row brings, see `rowTotals`
   */
  constructor(attention, lengths, totals) {
    this.attention = attention;
    this.lengths = lengths;
    this.totals = totals;
    this.encoding = attention.encoding;
    this.queryAxis = attention.queryAxis;
    this.keyAxis = attention.keyAxis;
    this.queries = attention.queries;
    this.keys = attention.keys;
    this.visited = 0;
    this.bytes = lengths.byteLength + totals.byteLength;
  }

  /** @param {number} query */
  row(query) {
    const row = this.attention.row(query);
    this.visited = this.attention.visited;
    return row.map((p, key) => p * this.lengths[key] / this.totals[query]);
  }

  /** @param {number} key */
  column(key) {
    const column = this.attention.column(key);
    this.visited = this.attention.visited;
    return column.map((p, query) => p * this.lengths[key] / this.totals[query]);
  }

  /** @param {number} query */
  interval(query) {
    return this.attention.interval(query);
  }
}

/**
 * What each row brings, Σ a‖v‖; a column needs those of all rows.
 * @param {Attention} attention
 * @param {Float64Array} lengths
 * @param {Breathe} [breathe]
 */
export async function rowTotals(attention, lengths, breathe) {
  const totals = new Float64Array(attention.queries);
  for (let query = 0; query < totals.length; query++) {
    const row = attention.row(query);
    const [lo, hi] = attention.interval(query);
    for (let key = lo; key < hi; key++) totals[query] += row[key] * lengths[key];
    await breathe?.();
  }
  return totals;
}

/**
 * The lengths of some tokens' values in one head.
 * @param {Shard} shard
 * @param {number} kvHead
 * @param {number} start of the tokens among those of the shard
 * @param {number} count how many
 */
export function readValueLengths(shard, kvHead, start, count) {
  const row = Array.prototype.indexOf.call(shard.numbers('head'), kvHead);
  if (row < 0) throw shard.fault(`it has no kv head ${kvHead}`);
  const codes = shard.need('codes', row);
  const [lo, hi] = [shard.value('lo', row), shard.value('hi', row)];
  const isRange = lo > 0 && lo <= hi && Number.isFinite(hi);
  if (!isRange) throw shard.fault(`lengths of values reach from ${lo} to ${hi}`);
  if (codes.length < start + count) throw shard.fault(`row ${row} has ${codes.length} lengths of values`);
  return Float64Array.from({ length: count }, (_, key) => {
    const code = codes[start + key];
    return code === 0 ? 0 : lo * (hi / lo) ** ((code - 1) / 254);
  });
}
