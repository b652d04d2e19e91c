/**
 * A small report in memory, made to the letter of docs/reference/report-format.md and without any of the
 * code under test: shards by flechette's encoder, hashes by node:crypto, attention by textbook formulas.
 */
import { createHash } from 'node:crypto';
import {
  binary, bool, columnFromArray, float32, float64, int16, int32, int8, list, tableFromColumns, tableToIPC, uint16,
  uint32, uint8, utf8,
} from './arrow.js';

const DENSE = { head: uint16(), document: uint32(), start: uint32(), rows: uint32(), mass: list(float32()) };
const QUERY_KEY = {
  side: uint8(), head: uint16(), document: uint32(), start: uint32(), rows: uint32(),
  scale: list(float32()), lse: list(float64()), mean: list(float32()), balance: list(float32()),
};
const PACKED = {
  side: uint8(), head: uint16(), document: uint32(), start: uint32(), rows: uint32(),
  step: list(float32()), offset: list(int32()), width: list(uint8()), high: list(uint8()), low: list(uint8()),
  lse: list(int32()), unit: float64(), mean: list(float32()),
};

/** Arrow types of each kind's columns. */
const TYPES = {
  documents: { entry: uint32(), group: uint16(), title: utf8(), text: utf8() },
  lengths: { length: uint32() },
  tokens: {
    id: int32(), text: utf8(), start: int32(), end: int32(), special: bool(), segment: uint8(),
    row: int16(), column: int16(),
  },
  crop: { document: uint32(), left: float32(), top: float32(), right: float32(), bottom: float32() },
  bias: { head: uint16(), values: list(float32()) },
  image: { document: uint32(), width: uint32(), height: uint32(), content: binary() },
  sound: { document: uint32(), rate: uint32(), content: binary() },
  score: {
    document: uint32(), title: utf8(), start: list(uint32()), end: list(uint32()), score: list(float64()),
    cmap: utf8(), colors: list(uint8()), alpha: float64(), low: float64(), high: float64(),
    least_score: float64(), mean_score: float64(), most_score: float64(),
  },
  places: { place: uint16() },
  sample: { token: uint32() },
  map: {
    head: uint16(), queries: list(uint16()), keys: list(uint16()),
    lo: list(float64()), hi: list(float64()), view_lo: list(float64()), view_hi: list(float64()),
  },
  overview: { stack: utf8(), layer: uint16(), head: uint16(), queries: list(uint8()), keys: list(uint8()) },
  mask: { lo: list(uint32()), hi: list(uint32()) },
  'dense-uint8': { ...DENSE, codes: list(uint8()) },
  'dense-uint16': { ...DENSE, codes: list(uint16()) },
  'query-key-packed': PACKED,
  'query-key-int8': { ...QUERY_KEY, codes: list(int8()) },
  'query-key-int16': { ...QUERY_KEY, codes: list(int16()) },
  'query-key-float32': { ...QUERY_KEY, codes: list(float32()) },
};

/**
 * Arrow bytes of rows, each an object, with the metadata that every shard carries.
 * @param {string} kind
 * @param {object[]} rows
 * @param {{types?: object, metadata?: object, batch?: number}} [options] to write what the format forbids
 */
export function encodeShard(kind, rows, { types = TYPES[kind], metadata = {}, batch = Infinity } = {}) {
  const labels = Object.keys(rows[0] ?? {}).filter((name) => name.startsWith('label:')).map((name) => [name, utf8()]);
  const columns = [...Object.entries(types), ...labels].map(([name, type]) => (
    [name, columnFromArray(rows.map((row) => row[name] ?? null), type, { maxBatchRows: batch })]));
  const table = tableFromColumns(columns);
  const header = { format: 'attnviz-report', format_version: '1', kind: kind.includes('-') ? 'attention' : kind };
  table.schema.metadata = new Map(Object.entries({ ...header, ...metadata }));
  return tableToIPC(table, { format: 'file' });
}

/** Files of a report under construction, and the manifest's entries for them. */
export class Folder {
  constructor() {
    this.files = new Map();
    this.shards = {};
  }

  /** Adds a shard and gives its id back. */
  add(id, kind, rows, keys = {}, options = {}) {
    const bytes = encodeShard(kind, rows, options);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const path = `data/${id}-${sha256.slice(0, 16)}.arrow`;
    this.files.set(path, bytes);
    const encoding = kind.includes('-') ? { encoding: kind } : {};
    this.shards[id] = {
      path,
      bytes: bytes.length,
      sha256,
      rows: rows.length,
      kind: kind.includes('-') ? 'attention' : kind,
      ...encoding,
      ...keys,
    };
    return id;
  }
}

/** A generator of numbers in [−1, 1), the same on every machine. */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** `rows` vectors of `size` seeded numbers, times `spread`. */
export function vectors(random, rows, size, spread = 1) {
  return Array.from({ length: rows }, () => Array.from({ length: size }, () => random() * spread));
}

/**
 * Attention by the textbook: rows of softmax over the allowed keys; NaN rows where there are none.
 * @param {(i: number) => [number, number]} interval
 * @param {(i: number, j: number) => number} bias
 */
export function textbookAttention(q, k, { scaling, softcap = null, sink = null, interval, bias = () => 0 }) {
  return q.map((query, i) => {
    const [lo, hi] = interval(i);
    if (hi <= lo) return { row: k.map(() => NaN), lse: 0 };
    const score = (j) => {
      const s = scaling * query.reduce((sum, value, c) => sum + value * k[j][c], 0);
      return (softcap === null ? s : softcap * Math.tanh(s / softcap)) + bias(i, j);
    };
    const allowed = k.map((_, j) => (j >= lo && j < hi ? Math.exp(score(j)) : 0));
    const total = allowed.reduce((sum, value) => sum + value, sink === null ? 0 : Math.exp(sink));
    return { row: allowed.map((value) => value / total), lse: Math.log(total) };
  });
}

/** Dense codes of attention rows: the cube root of p relative to its row's maximum. */
export function denseCodes(rows, interval, largest) {
  return rows.flatMap((row, i) => {
    const [lo, hi] = interval(i);
    const allowed = row.slice(lo, Math.max(lo, hi));
    const peak = Math.max(...allowed);
    return allowed.map((p) => Math.round(Math.cbrt(p / peak) * largest));
  });
}

/**
 * Packed codes of rows of integers, by the definition in docs/reference/report-format.md, bit after bit.
 * @param {number[][]} rows
 * @param {number[]} width of each channel
 */
export function packedCodes(rows, width) {
  const offset = width.map((_, c) => rows[0][c]);
  const high = [];
  const low = [];
  width.forEach((w, c) => rows.forEach((row) => {
    const z = row[c] - offset[c];
    const u = z < 0 ? -2 * z - 1 : 2 * z;
    for (let i = 0; i < Math.floor(u / 2 ** w); i++) high.push(0);
    high.push(1);
    for (let i = 0; i < w; i++) low.push(Math.floor(u / 2 ** i) % 2);
  }));
  return { offset, width, high: inBytes(high), low: inBytes(low) };
}

/** Bits in bytes, the first in the lowest place. */
function inBytes(bits) {
  const bytes = new Array(Math.ceil(bits.length / 8)).fill(0);
  bits.forEach((bit, i) => { bytes[i >> 3] += bit * 2 ** (i % 8); });
  return bytes;
}

/** Integer codes and float32 scales, one a row, of vectors. */
export function integerCodes(rows, largest) {
  const scale = rows.map((row) => Math.fround(Math.max(...row.map(Math.abs)) / largest));
  return { codes: rows.map((row, i) => row.map((value) => Math.round(value / scale[i]))), scale };
}
