/**
 * Shards on demand: each is fetched once however many ask, checked against the manifest, decoded,
 * and kept while the byte budget lasts. A failure concerns its own shard only. Asking again tries again where
 * the file did not come; a file that came and is wrong stays wrong until the page is opened anew.
 */
import { fromBase64 } from './base64.js';
import { sha256Hex } from './digest.js';
import { DataError } from './errors.js';
import { decodeShard, formatFault } from './shard.js';

/** @import { ByteCache } from './cache.js' */
/** @import { LoadEvent, ShardEntry } from './types.d.ts' */
/** @import { FetchBytes } from './transport.js' */
/** @import { Shard } from './shard.js' */

const CAME_WRONG = new Set(['damaged', 'version', 'format']);

/** What a decoded attention or a shard occupies, under one limit. @typedef {ByteCache<any>} Cache */

export class ShardStore {
  /**
   * @param {Record<string, ShardEntry>} entries the manifest's shards
   * @param {FetchBytes} fetchBytes
   * @param {Cache} cache
   * @param {(event: LoadEvent) => void} notify
   */
  constructor(entries, fetchBytes, cache, notify) {
    this.entries = entries;
    this.fetchBytes = fetchBytes;
    this.cache = cache;
    this.notify = notify;
    /** @type {Map<string, Promise<Shard>>} */
    this.inFlight = new Map();
    /** @type {Map<string, DataError>} */
    this.wrong = new Map();
    /** Files and bytes that arrived whole since the page was opened. */
    this.files = 0;
    this.bytes = 0;
  }

  /** Files under way. */
  get pending() {
    return this.inFlight.size;
  }

  /**
   * @param {string} id of the shard in the manifest
   * @returns {Promise<Shard>}
   * @throws {DataError}
   */
  load(id) {
    const cached = this.cache.get(`shard ${id}`);
    if (cached) return Promise.resolve(cached);
    const running = this.inFlight.get(id);
    if (running) return running;
    const wrong = this.wrong.get(id);
    if (wrong) return Promise.reject(wrong);
    const entry = this.entries[id];
    if (!entry) return Promise.reject(formatFault('manifest.json', `it names no shard ${id}`));
    const loading = this.fetchShard(id, entry);
    this.inFlight.set(id, loading);
    this.notify({ type: 'start', path: entry.path });
    return loading;
  }

  /**
   * @param {string} id
   * @param {ShardEntry} entry
   */
  async fetchShard(id, entry) {
    try {
      const bytes = await this.fetchIntact(entry);
      const shard = decodeShard(bytes, entry);
      this.cache.set(`shard ${id}`, shard, bytes.length);
      if (!entry.content) this.files += 1;
      this.bytes += bytes.length;
      this.inFlight.delete(id);
      this.notify({ type: 'end', path: entry.path });
      return shard;
    } catch (error) {
      this.inFlight.delete(id);
      if (error instanceof DataError && CAME_WRONG.has(error.kind)) this.wrong.set(id, error);
      this.notify({ type: 'fail', path: entry.path, error: /** @type {Error} */ (error) });
      throw error;
    }
  }

  /**
   * The bytes that the manifest promises. Damaged ones are asked for once more, past every cache:
   * a proxy or a broken connection may have kept half a file.
   * @param {ShardEntry} entry
   */
  async fetchIntact(entry) {
    const first = carried(entry) ?? await this.fetchBytes(entry.path);
    if (!(await damage(first, entry))) return first;
    const second = await this.fetchBytes(entry.path, { fresh: true });
    const fault = await damage(second, entry);
    if (!fault) return second;
    throw new DataError('damaged', entry.path, `${entry.path} is damaged: ${fault}. Copy or publish the report again.`);
  }
}

/**
 * The bytes of a file that the manifest carries; none where it does not, or not in base64.
 * @param {ShardEntry} entry
 */
function carried({ content }) {
  try {
    return content === undefined ? undefined : fromBase64(content);
  } catch {
    return undefined;
  }
}

/**
 * What is wrong with a file's bytes, in words; '' if nothing is.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {ShardEntry} entry
 */
async function damage(bytes, entry) {
  if (bytes.length !== entry.bytes) return `it has ${bytes.length} bytes where the manifest says ${entry.bytes}`;
  return (await sha256Hex(bytes)) === entry.sha256 ? '' : 'its SHA-256 is not the one in the manifest';
}
