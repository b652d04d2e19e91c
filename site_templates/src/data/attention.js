/** Finds the rows of one head and document among the attention shards, and puts them together. */
import { KEYS, QUERIES } from '../format/columns.js';
import { DenseAttention, weighRows } from './encoding/dense.js';
import { QueryKeyAttention } from './encoding/query-key.js';
import { unpack } from './encoding/rice.js';
import { formatFault } from './shard.js';

/** @import { Attention, Bias, Head, Intervals, Rule } from './types.d.ts' */
/** @import { Side } from './encoding/query-key.js' */
/** @import { Extent } from './encoding/stored.js' */
/** @import { NumberArray, Shard } from './shard.js' */
/** @typedef {{shard: Shard, row: number, start: number, rows: number}} Part some tokens' rows */

/** The encoding whose codes have a width of their own for each channel. */
export const PACKED = 'query-key-packed';

/**
 * The attention of one head in one document.
 * @param {object} parts
 * @param {Shard[]} parts.shards
 * @param {Head} parts.head
 * @param {number} parts.document
 * @param {string} parts.encoding
 * @param {Rule} parts.rule
 * @param {Bias | null} parts.bias of the head; not needed for dense encodings
 * @param {Intervals} parts.intervals
 * @param {number} parts.keys
 * @returns {Attention}
 */
export function assemble({ shards, head, document, encoding, rule, bias, intervals, keys }) {
  const queries = intervals.lo.length;
  const where = `${head.id} in document ${document}`;
  const { query_axis: queryAxis, key_axis: keyAxis, head_size: size } = head.stackInfo;
  const extent = { encoding, queryAxis, keyAxis, keys, intervals };
  if (isDense(encoding)) return openDense(collect(shards, null, head.head, document, queries, where), extent);
  const queryParts = collect(shards, QUERIES, head.head, document, queries, where);
  const keyParts = collect(shards, KEYS, head.kv_head, document, keys, where);
  return openQueryKey(queryParts, keyParts, size, extent, { rule, bias, sink: head.sink });
}

/**
 * Whether attention itself is stored, so that the score rule is not needed to read it.
 * @param {string} encoding
 */
export function isDense(encoding) {
  return encoding.startsWith('dense');
}

/**
 * The parts that cover every token of one side once, in order.
 * @param {Shard[]} shards
 * @param {number | null} side null for dense rows
 * @param {number} head query head or kv head
 * @param {number} document
 * @param {number} tokens
 * @param {string} where for messages
 * @returns {Part[]}
 */
function collect(shards, side, head, document, tokens, where) {
  const parts = shards.flatMap((shard) => findParts(shard, side, head, document)).sort((a, b) => a.start - b.start);
  let covered = 0;
  for (const { shard, start, rows } of parts) {
    if (start !== covered) throw shard.fault(`${where} continues at row ${start} after row ${covered}`);
    covered += rows;
  }
  if (covered !== tokens) {
    const path = parts[0]?.shard.path ?? shards[0]?.path ?? 'manifest.json';
    throw formatFault(path, `${where} has ${covered} of ${tokens} rows`);
  }
  return parts;
}

/**
 * @param {Shard} shard
 * @param {number | null} side
 * @param {number} head
 * @param {number} document
 */
function findParts(shard, side, head, document) {
  const documents = shard.numbers('document');
  const heads = shard.numbers('head');
  const sides = side === null ? null : shard.numbers('side');
  const parts = [];
  for (let row = 0; row < shard.rows; row++) {
    if (documents[row] === document && heads[row] === head && (!sides || sides[row] === side)) {
      parts.push({ shard, row, start: shard.value('start', row), rows: shard.value('rows', row) });
    }
  }
  return parts;
}

/**
 * @param {Part[]} parts
 * @param {Extent} extent
 */
function openDense(parts, extent) {
  const { encoding, intervals } = extent;
  const lists = parts.map(({ shard, row, start, rows }) => {
    let expected = 0;
    for (let i = start; i < start + rows; i++) expected += Math.max(0, intervals.hi[i] - intervals.lo[i]);
    return /** @type {Uint8Array | Uint16Array} */ (shard.need('codes', row, expected));
  });
  const codes = encoding === 'dense-uint8' ? join(Uint8Array, lists) : join(Uint16Array, lists);
  const hasMass = parts.some(({ shard, row }) => shard.list('mass', row) !== null);
  const mass = hasMass ? join(Float32Array, parts.map(({ shard, row, rows }) => shard.need('mass', row, rows))) : null;
  const weighed = weighRows(codes, intervals, mass);
  for (let i = 0; i < weighed.weights.length; i++) {
    if (intervals.hi[i] > intervals.lo[i] && !Number.isFinite(weighed.weights[i])) {
      throw parts[0].shard.fault(`attention row ${i} has no codes above 0`);
    }
  }
  return new DenseAttention(extent, { codes, ...weighed, mass });
}

/**
 * @param {Part[]} queryParts
 * @param {Part[]} keyParts
 * @param {number} size channels of a vector
 * @param {Extent} extent
 * @param {{rule: Rule, bias: Bias | null, sink: number | null}} how
 */
function openQueryKey(queryParts, keyParts, size, extent, how) {
  const { intervals } = extent;
  const isPacked = extent.encoding === PACKED;
  const lse = join(Float64Array, queryParts.map((part) => lseOf(part, isPacked)));
  intervals.lo.forEach((key, i) => {
    const isKnown = intervals.hi[i] <= key || Number.isFinite(lse[i]);
    if (!isKnown) throw queryParts[0].shard.fault(`lse of row ${i} is ${lse[i]}`);
  });
  /** @param {'mean' | 'balance'} column */
  const channels = (column) => channelsOf(keyParts, column, size);
  const open = isPacked ? openPacked : openSide;
  return new QueryKeyAttention(extent, {
    ...how,
    querySide: open(queryParts, size),
    keySide: open(keyParts, size),
    lse,
    mean: channels('mean'),
    balance: isPacked ? new Float32Array(size).fill(1) : channels('balance'),
  });
}

/**
 * @param {Part[]} parts
 * @param {number} size
 * @returns {Side}
 */
function openSide(parts, size) {
  return {
    codes: join(Float32Array, parts.map(({ shard, row, rows }) => shard.need('codes', row, rows * size))),
    scale: join(Float32Array, parts.map(({ shard, row, rows }) => (
      shard.list('scale', row) ? shard.needFinite('scale', row, rows) : new Float32Array(rows).fill(1)))),
    step: null,
  };
}

/**
 * The same of packed codes.
 * @type {typeof openSide}
 */
function openPacked(parts, size) {
  const codes = join(Float32Array, parts.map((part) => unpackPart(part, size)));
  return { codes, scale: null, step: channelsOf(parts, 'step', size) };
}

/**
 * The log-sum-exp of a part's rows.
 * @param {Part} part
 * @param {boolean} isPacked
 * @returns {ArrayLike<number>}
 */
function lseOf({ shard, row, rows }, isPacked) {
  const stored = shard.need('lse', row, rows);
  if (!isPacked) return stored;
  const unit = shard.value('unit', row);
  return Float64Array.from(stored, (number) => number * unit);
}

/**
 * What a side has one of a channel.
 * @param {Part[]} parts
 * @param {string} column
 * @param {number} size
 * @returns {Float32Array}
 */
function channelsOf(parts, column, size) {
  return join(Float32Array, parts.slice(0, 1).map(({ shard, row }) => shard.needFinite(column, row, size)));
}

/**
 * The codes of one part.
 * @param {Pick<Part, 'shard' | 'row' | 'rows'>} part
 * @param {number} size
 */
export function unpackPart({ shard, row, rows }, size) {
  const codes = unpack({
    offset: shard.need('offset', row, size),
    width: shard.need('width', row, size),
    high: shard.need('high', row),
    low: shard.need('low', row),
  }, rows);
  if (!codes) throw shard.fault(`row ${row} does not have ${rows * size} packed values`);
  return codes;
}

/**
 * Lists one after another, in an array of their own: a view would keep a shard alive that the cache believes gone.
 * @template {NumberArray} T
 * @param {new (length: number) => T} Type
 * @param {ArrayLike<number>[]} lists
 * @returns {T}
 */
function join(Type, lists) {
  const joined = new Type(lists.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  for (const list of lists) {
    joined.set(list, at);
    at += list.length;
  }
  return joined;
}
