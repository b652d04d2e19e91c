/**
 * The manifest put together: what of it grows with heads, shards or pages lies in tables beside manifest.json. Reports
 * of format 1 have all of it in manifest.json, and are used as they are.
 */
import { INDEX_KEYS, RANGE_KEYS, TEXT_KEYS } from '../format/columns.js';
import { ByteCache } from './cache.js';
import { checkManifest, checkReferences } from './manifest.js';
import { readHeads } from './records.js';
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
  const [shards, ...heads] = await Promise.all([
    readAll(tables, fetchBytes, { kind: 'shards' }, entriesOf),
    ...manifest.models.map(({ name }) => readAll(tables, fetchBytes, { kind: 'heads', model: name }, readHeads)),
  ]);
  return {
    ...manifest,
    shards: Object.fromEntries(shards),
    models: manifest.models.map((model, i) => ({ ...model, heads: heads[i] })),
  };
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
