/** What parts of a model add to the logits of next tokens, by document, and what pairs of tokens do. */
import { LOGIT_PARTS, UNKNOWN_LOGIT } from '../format/columns.js';
import { formatFault } from './shard.js';

/** @import { Catalogue } from './catalogue.js' */
/** @import { AddedByPairs, Attention, Attribution, LogitSums } from './types.d.ts' */
/** @import { Shard } from './shard.js' */
/** @import { ShardStore } from './store.js' */

/** @typedef {Pick<ShardStore, 'load'>} Store */
/** @typedef {{shard: Shard, row: number, start: number, rows: number}} Part some tokens' rows */

/**
 * Of one document; null where nothing is known of it.
 * @param {Catalogue} catalogue
 * @param {Store} store
 * @param {string} modelName
 * @param {number} document
 * @returns {Promise<Attribution | null>}
 */
export async function attributionOf(catalogue, store, modelName, document) {
  const ids = (catalogue.model(modelName).writes?.attribution?.shards ?? [])
    .filter((id) => within(catalogue.entry(id).documents, document));
  const shards = await Promise.all(ids.map((id) => store.load(id)));
  const parts = inOrder(shards.flatMap((shard) => partsOf(shard, document)));
  if (parts.length === 0) return null;
  const heads = catalogue.heads(modelName);
  const layers = new Set(heads.map(({ stack, layer }) => `${stack} ${layer}`)).size;
  const last = parts[parts.length - 1];
  const places = new Map(heads.map(({ id }, place) => [id, place]));
  /** @param {number} token */
  const find = (token) => /** @type {Part} */ (parts.filter(({ start }) => start <= token).pop());
  /** @param {number} token @param {number} place */
  const headAt = (token, place) => {
    const { shard, row, rows, start } = find(token);
    const code = shard.need('codes', row, rows * heads.length)[(token - start) * heads.length + place];
    return code === UNKNOWN_LOGIT ? NaN : code * shard.needFinite('scales', row, rows)[token - start];
  };
  /** @param {number} token @returns {LogitSums} */
  const sums = (token) => {
    const { shard, row, rows, start } = find(token);
    const at = token - start;
    /** @param {string} name */
    const ofLayers = (name) => {
      if (!shard.list(name, row)) return 0;
      const values = /** @type {Float32Array} */ (shard.needFinite(name, row, rows * layers));
      return values.subarray(at * layers, (at + 1) * layers).reduce((sum, value) => sum + value, 0);
    };
    /** @param {string} name */
    const ofToken = (name) => (shard.list(name, row) ? shard.needFinite(name, row, rows)[at] : 0);
    const [bias, forward, rest] = LOGIT_PARTS.map(ofLayers);
    return {
      logit: ofToken('logits'), embedding: ofToken('embedding'), feedForward: forward,
      biases: bias + ofToken('last_bias'), rest: rest + ofToken('between'),
      heads: heads.reduce((sum, _, place) => sum + (headAt(token, place) || 0), 0),
    };
  };
  return {
    tokens: last.start + last.rows,
    head: (id, token) => headAt(token, places.get(id) ?? -1),
    heads: (token) => heads.map(({ id }, place) => ({ head: id, by: headAt(token, place) })),
    sums,
  };
}

/**
 * What a head adds by each pair of a document; null where that is not stored.
 * @param {Catalogue} catalogue
 * @param {Store} store
 * @param {string} modelName
 * @param {string} headId
 * @param {number} document
 * @param {Attention} attention which keys each query may see
 * @returns {Promise<AddedByPairs | null>}
 */
export async function pairsOf(catalogue, store, modelName, headId, document, attention) {
  const head = catalogue.head(modelName, headId);
  const ids = catalogue.ofLayer('attribution-pairs', modelName, head).filter((id) => (
    within(catalogue.entry(id).documents, document) && within(catalogue.entry(id).heads, head.head)));
  const shards = await Promise.all(ids.map((id) => store.load(id)));
  const parts = inOrder(shards.flatMap((shard) => {
    const numbers = shard.numbers('head');
    return partsOf(shard, document).filter(({ row }) => numbers[row] === head.head);
  }));
  if (parts.length === 0) return null;
  return (query) => {
    const added = new Float64Array(attention.keys);
    const part = parts.find(({ start, rows }) => start <= query && query < start + rows);
    if (!part) return added;
    const { shard, row, rows, start } = part;
    let first = 0;
    for (let i = start; i < query; i++) first += length(attention.interval(i));
    const [lo, hi] = attention.interval(query);
    const codes = /** @type {Int8Array} */ (shard.need('codes', row));
    if (first + length([lo, hi]) > codes.length) throw shard.fault(`row ${row} has too few codes`);
    const scale = shard.needFinite('scales', row, rows)[query - start];
    for (let key = lo; key < hi; key++) added[key] = codes[first + key - lo] * scale;
    return added;
  };
}

/** @param {[number, number]} interval */
function length([lo, hi]) {
  return Math.max(0, hi - lo);
}

/** @param {Shard} shard @param {number} document @returns {Part[]} */
function partsOf(shard, document) {
  const [documents, starts, rows] = ['document', 'start', 'rows'].map((name) => shard.numbers(name));
  return [...documents].flatMap((number, row) => (
    number === document ? [{ shard, row, start: starts[row], rows: rows[row] }] : []));
}

/** Ranges of tokens that follow on each other. @param {Part[]} parts */
function inOrder(parts) {
  parts.sort((a, b) => a.start - b.start);
  let covered = 0;
  for (const { shard, start, rows } of parts) {
    if (start !== covered) throw formatFault(shard.path, `token ${start} follows token ${covered}`);
    covered += rows;
  }
  return parts;
}

/** @param {readonly number[] | null | undefined} range @param {number} number */
function within(range, number) {
  return !range || (range[0] <= number && number < range[1]);
}
