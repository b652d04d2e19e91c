/** Documents and tokens: what the tokens say and where they stand in the text. */

import { LABEL, NAME } from '../format/columns.js';

/** @import { AxisEntry, Documents, Crop, Manifest, Tokens } from './types.d.ts' */
/** @import { Shard } from './shard.js' */

/**
 * @param {Manifest} manifest
 * @param {({shard: Shard} | {error: Error})[]} loaded each document shard, or why it is not there
 * @returns {Documents}
 */
export function openDocuments(manifest, loaded) {
  const { count, shards } = manifest.documents;
  const ranges = shards.map((id) => manifest.shards[id].documents ?? [0, 0]);
  const holds = (/** @type {number} */ at, /** @type {number} */ document) => (
    document >= ranges[at]?.[0] && document < ranges[at][1]);
  // Documents are mostly asked for one after another: the shard of the last has the next.
  let last = 0;
  const find = (/** @type {number} */ document) => {
    const at = holds(last, document) ? last : ranges.findIndex((_, i) => holds(i, document));
    last = Math.max(at, 0);
    if (at < 0) {
      const error = new RangeError(`The report has ${count} documents and none numbered ${document}.`);
      return { error, row: 0 };
    }
    return { ...loaded[at], row: document - ranges[at][0] };
  };
  const read = (/** @type {string} */ column, /** @type {number} */ document) => {
    const place = find(document);
    if ('error' in place) throw place.error;
    return place.shard.value(column, place.row);
  };
  const error = (/** @type {number} */ document) => {
    const place = find(document);
    return 'error' in place ? place.error : undefined;
  };
  return {
    count,
    error,
    text: (document) => read('text', document),
    entry: (document) => read('entry', document),
    group: (document) => read('group', document),
    label: (document, name) => read(LABEL + name, document),
    title: (document) => (error(document) ? `Document ${document} (cannot be read)` : read('title', document)),
    source: (document) => {
      const entry = read('entry', document);
      return manifest.provenance.sources.find((source) => source.entry === entry);
    },
  };
}

/**
 * One document's rows of a token shard.
 * @param {Shard} shard
 * @param {number} first the document's first row in the shard
 * @param {number} length its tokens
 * @param {string} text the document's text
 * @param {AxisEntry} axis
 * @param {Crop | null} crop
 * @returns {Tokens}
 */
export function openTokens(shard, first, length, text, axis, crop) {
  const end = first + length;
  const starts = /** @type {Int32Array} */ (shard.numbers('start').subarray(first, end));
  const ends = /** @type {Int32Array} */ (shard.numbers('end').subarray(first, end));
  const slice = codePointSlicer(text);
  const values = (/** @type {string} */ name) => Array.from({ length }, (_, i) => shard.value(name, first + i));
  return {
    kind: axis.kind,
    ids: /** @type {Int32Array} */ (shard.numbers('id').subarray(first, end)),
    texts: values('text'),
    names: shard.columns.has(NAME) ? values(NAME) : undefined,
    start: starts,
    end: ends,
    special: values('special'),
    segment: /** @type {Uint8Array} */ (shard.numbers('segment').subarray(first, end)),
    row: /** @type {Int16Array} */ (shard.numbers('row').subarray(first, end)),
    column: /** @type {Int16Array} */ (shard.numbers('column').subarray(first, end)),
    crop,
    labels: new Map((axis.labels ?? []).map((name) => [name, values(LABEL + name)])),
    surface: (token) => (starts[token] < 0 ? '' : slice(starts[token], ends[token])),
  };
}

/**
 * The part of a document's image that its patches cover; null for all of it.
 * @param {Shard} shard
 * @param {number} document
 * @returns {Crop | null}
 */
export function openCrop(shard, document) {
  const row = shard.numbers('document').indexOf(document);
  if (row < 0) return null;
  const [left, top, right, bottom] = ['left', 'top', 'right', 'bottom'].map((edge) => shard.value(edge, row));
  if (!(right > left && bottom > top)) throw shard.fault(`the patch grid of document ${document} has no size`);
  return { left, top, right, bottom };
}

/**
 * Slices by code points, as the format counts; JavaScript's strings count UTF-16 units.
 * @param {string} text
 * @returns {(start: number, end: number) => string}
 */
export function codePointSlicer(text) {
  if (!/[\ud800-\udbff]/.test(text)) return (start, end) => text.slice(start, end);
  const units = new Uint32Array(text.length + 1); // code point index → UTF-16 index
  let count = 0;
  for (let unit = 0; unit < text.length; unit += /** @type {number} */ (text.codePointAt(unit)) > 0xffff ? 2 : 1) {
    units[count++] = unit;
  }
  units[count] = text.length;
  const unit = (/** @type {number} */ point) => units[Math.min(Math.max(point, 0), count)];
  return (start, end) => text.slice(unit(start), unit(end));
}
