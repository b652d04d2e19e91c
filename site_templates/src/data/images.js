/** Documents' images, as addresses that an <img> can show without leaving the page. */

/** @import { Manifest, DocumentImage } from './types.d.ts' */
/** @import { Shard } from './shard.js' */
/** @import { ShardStore } from './store.js' */

/** So many stay open: each holds a copy of its PNG or JPEG, at most about 300 kB. */
const OPEN = 32;

export class DocumentImages {
  /**
   * @param {Manifest} manifest
   * @param {ShardStore} store
   */
  constructor({ documents, shards }, store) {
    this.ids = documents.images ?? [];
    this.entries = shards;
    this.store = store;
    /** Least recently asked for first. @type {Map<number, DocumentImage>} */
    this.opened = new Map();
  }

  /**
   * @param {number} document
   * @returns {Promise<DocumentImage | undefined>}
   */
  async open(document) {
    const id = this.ids.find((name) => covers(this.entries[name]?.documents, document));
    if (id === undefined) return undefined;
    const shard = await this.store.load(id);
    const row = shard.numbers('document').indexOf(document);
    if (row < 0) return undefined;
    const image = this.opened.get(document) ?? openImage(shard, row);
    this.keep(document, image);
    return image;
  }

  /**
   * @param {number} document
   * @param {DocumentImage} image
   */
  keep(document, image) {
    this.opened.delete(document);
    this.opened.set(document, image);
    if (this.opened.size <= OPEN) return;
    const [[oldest, { url }]] = this.opened;
    URL.revokeObjectURL(url);
    this.opened.delete(oldest);
  }
}

/** @param {Shard} shard @param {number} row @returns {DocumentImage} */
function openImage(shard, row) {
  /** @type {Uint8Array<ArrayBuffer>} */
  const bytes = shard.value('content', row);
  const [width, height] = [shard.value('width', row), shard.value('height', row)];
  if (!(width > 0 && height > 0)) throw shard.fault(`image ${row} has no size`);
  const blob = new Blob([bytes], { type: bytes[0] === 0xff ? 'image/jpeg' : 'image/png' });
  return { width, height, blob, url: URL.createObjectURL(blob) };
}

/**
 * @param {[number, number] | undefined} range [first, end)
 * @param {number} document
 */
function covers(range, document) {
  return range !== undefined && document >= range[0] && document < range[1];
}
