/** What single documents have in shards of their own: images, sounds. The last that were asked for stay open. */

/** @import { Manifest } from './types.d.ts' */
/** @import { Shard } from './shard.js' */
/** @import { ShardStore } from './store.js' */

/** @template {{url: string}} T what a document has, at an address that is let go of once it is shut */
export class ByDocument {
  /**
   * @param {Manifest} manifest
   * @param {ShardStore} store
   * @param {readonly string[]} ids of the shards
   * @param {{read: (shard: Shard, row: number) => T, most: number}} how `most`: so many stay open
   */
  constructor({ shards }, store, ids, how) {
    this.ids = ids;
    this.entries = shards;
    this.store = store;
    this.how = how;
    /** Least recently asked for first. @type {Map<number, T>} */
    this.opened = new Map();
  }

  /** The shard that may have it, by what the manifest says. @param {number} document */
  shardOf(document) {
    return this.ids.find((name) => covers(this.entries[name]?.documents, document));
  }

  /**
   * @param {number} document
   * @returns {Promise<T | undefined>}
   */
  async open(document) {
    const id = this.shardOf(document);
    if (id === undefined) return undefined;
    const shard = await this.store.load(id);
    const row = shard.numbers('document').indexOf(document);
    if (row < 0) return undefined;
    const item = this.opened.get(document) ?? this.how.read(shard, row);
    this.keep(document, item);
    return item;
  }

  /** @param {number} document @param {T} item */
  keep(document, item) {
    this.opened.delete(document);
    this.opened.set(document, item);
    if (this.opened.size <= this.how.most) return;
    const [[oldest, { url }]] = this.opened;
    URL.revokeObjectURL(url);
    this.opened.delete(oldest);
  }
}

/**
 * @param {[number, number] | undefined} range [first, end)
 * @param {number} document
 */
export function covers(range, document) {
  return range !== undefined && document >= range[0] && document < range[1];
}
