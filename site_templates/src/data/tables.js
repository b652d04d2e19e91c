/**
 * The manifest put together: what of it grows with heads, shards or pages lies in tables beside manifest.json. Reports
 * of format 1 have all of it in manifest.json, and are used as they are.
 */
import { INDEX_KEYS, RANGE_KEYS, TEXT_KEYS } from '../format/columns.js';
import { ByteCache } from './cache.js';
import { checkManifest, checkReferences } from './manifest.js';
import { readHeads, readNotices } from './records.js';
import { formatFault } from './shard.js';
import { ShardStore } from './store.js';

/** @import { Manifest, ShardEntry } from './types.d.ts' */
/** @import { FetchBytes } from './transport.js' */
/** @import { Shard } from './shard.js' */
/** @typedef {Record<string, ShardEntry>} Entries by id */

/** Bytes of tables that are kept until they are read. */
const BUDGET = 64 * 2 ** 20;

/**
 * The manifest as format 1 had it, but for what only one head's panel shows (`readDetails`) and pages (`readPages`);
 * all of it checked.
 * @param {unknown} content what manifest.json holds
 * @param {FetchBytes} fetchBytes
 * @returns {Promise<Manifest>}
 * @throws {DataError} naming the place of the first thing that is not so
 */
export async function openManifest(content, fetchBytes) {
  const manifest = checkManifest(content);
  return checkReferences(manifest.format_version === 1 ? manifest
    : checkManifest(await join(manifest, fetchBytes)));
}

/** @param {Manifest} manifest @param {FetchBytes} fetchBytes @returns {Promise<Manifest>} */
async function join(manifest, fetchBytes) {
  const { tables = {} } = manifest;
  const [shards, notices, ...heads] = await Promise.all([
    readAll(tables, fetchBytes, { kind: 'shards' }, entriesOf),
    readAll(tables, fetchBytes, { kind: 'notices' }, readNotices),
    ...manifest.models.map(({ name }) => readAll(tables, fetchBytes, { kind: 'heads', model: name }, readHeads)),
  ]);
  const { documents, models } = withLists(manifest, shards);
  return {
    ...manifest, documents, notices: [...manifest.notices, ...notices], shards: Object.fromEntries(shards),
    models: models.map((model, i) => ({ ...model, heads: heads[i] })),
  };
}

/**
 * Empty lists of ids filled with what follows for them: the shards of one kind with the same keys, in order.
 * @param {Manifest} manifest
 * @param {readonly (readonly [string, ShardEntry])[]} shards
 */
function withLists({ documents, models }, shards) {
  /** @type {Map<string, string[]>} */
  const places = new Map();
  for (const [id, entry] of shards) {
    const { kind, model } = entry;
    for (const place of new Set([placeOf(entry), placeOf({ kind, model })])) {
      const ids = places.get(place);
      if (ids) ids.push(id);
      else places.set(place, [id]);
    }
  }
  const filled = (/** @type {string[]} */ ids, /** @type {Partial<ShardEntry>} */ keys) => (
    ids.length > 0 ? ids : places.get(placeOf(keys)) ?? []);
  const { shards: texts, images = [], sounds = [], scores = [] } = documents;
  return {
    documents: {
      ...documents, shards: filled(texts, { kind: 'documents' }), images: filled(images, { kind: 'image' }),
      sounds: filled(sounds, { kind: 'sound' }), scores: filled(scores, { kind: 'score' }),
    },
    models: models.map(({
      axes, rules, captures, effects = null, examples = null, writes = null, components = null, ...model
    }) => ({
      ...model,
      effects: effects && { ...effects, shards: filled(effects.shards, { kind: 'effects', model: model.name }) },
      examples: examples && { ...examples, shards: filled(examples.shards, { kind: 'examples', model: model.name }) },
      writes: writes && {
        ...writes, shards: filled(writes.shards, { kind: 'writes', model: model.name }),
        composition: filled(writes.composition, { kind: 'composition', model: model.name }),
        ...writes.attribution && { attribution: {
          ...writes.attribution,
          shards: filled(writes.attribution.shards, { kind: 'attribution', model: model.name }),
          pairs: filled(writes.attribution.pairs, { kind: 'attribution-pairs', model: model.name }),
        } },
      },
      components: components && {
        ...components, shards: filled(components.shards, { kind: 'components', model: model.name }),
        interactions: filled(components.interactions, { kind: 'interactions', model: model.name }),
        vectors: filled(components.vectors, { kind: 'vectors', model: model.name }),
      },
      axes: axes.map((axis) => (
        { ...axis, shards: filled(axis.shards, { kind: 'tokens', model: model.name, axis: axis.name }) })),
      rules: rules.map(({ mask, ...rule }, number) => ({
        ...rule,
        mask: mask.shards ? { ...mask, shards: filled(mask.shards, { kind: 'mask', model: model.name, rule: number }) }
          : mask,
      })),
      captures: captures.map(({ values = null, ...module }) => {
        const { stack, layer } = module;
        const keys = { kind: 'values', model: model.name, stack, layer };
        return { ...module, values: values && { ...values, shards: filled(values.shards, keys) } };
      }),
    })),
  };
}

/** @param {Partial<ShardEntry>} entry */
function placeOf({ kind, model, axis, stack, layer, rule }) {
  return JSON.stringify([kind, model, axis, stack, layer, rule]);
}

/**
 * The pages of heads, by path.
 * @param {Manifest} manifest
 * @param {FetchBytes} fetchBytes
 */
export function readPages({ tables = {} }, fetchBytes) {
  return readAll(tables, fetchBytes, { kind: 'pages' }, (shard) => Array.from({ length: shard.rows }, (_, row) => ({
    path: String(shard.value('path', row)), bytes: Number(shard.value('bytes', row)),
    sha256: hexOf(shard, row),
  })));
}

/**
 * The rows of all tables of a kind.
 * @template T
 * @param {Entries} tables
 * @param {FetchBytes} fetchBytes
 * @param {Partial<ShardEntry>} keys
 * @param {(shard: Shard) => T[]} read
 */
async function readAll(tables, fetchBytes, keys, read) {
  const store = new ShardStore(tables, fetchBytes, new ByteCache(BUDGET), () => {});
  const ids = Object.keys(tables).filter((id) => Object.entries(keys)
    .every(([key, value]) => Reflect.get(tables[id], key) === value));
  const shards = await Promise.all(ids.map((id) => store.load(id)));
  return shards.flatMap(read);
}

/** @param {Shard} shard @returns {[string, ShardEntry][]} */
function entriesOf(shard) {
  const [bytes, rows] = [shard.numbers('bytes'), shard.numbers('rows')];
  return Array.from({ length: shard.rows }, (_, row) => {
    const [id, sha256] = [String(shard.value('id', row)), hexOf(shard, row)];
    const keys = [...TEXT_KEYS, ...INDEX_KEYS, ...RANGE_KEYS]
      .map((key) => [key, plain(shard.value(key, row))])
      .filter(([, value]) => value !== undefined);
    const entry = { path: `data/${id}-${sha256.slice(0, 16)}.arrow`, bytes: bytes[row], sha256, rows: rows[row] };
    return [id, /** @type {ShardEntry} */ ({ ...entry, ...Object.fromEntries(keys) })];
  });
}

/** The value of a key; undefined where an entry has none. @param {string | number | Uint32Array} value */
function plain(value) {
  if (value === '' || value === -1) return undefined;
  if (typeof value !== 'object') return value;
  return value.length === 0 ? undefined : Array.from(value);
}

/** @param {Shard} shard @param {number} row */
function hexOf(shard, row) {
  const bytes = /** @type {Uint8Array} */ (shard.value('sha256', row));
  if (bytes.length !== 32) throw formatFault(shard.path, `row ${row} has no SHA-256`);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
