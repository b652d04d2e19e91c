/** Documents' images, as addresses that an <img> can show without leaving the page. */
import { ByDocument } from './by-document.js';

/** @import { Manifest, DocumentImage } from './types.d.ts' */
/** @import { Shard } from './shard.js' */
/** @import { ShardStore } from './store.js' */

/** So many stay open: each holds a copy of its PNG or JPEG, at most about 300 kB. */
const OPEN = 32;

/** @param {Manifest} manifest @param {ShardStore} store @returns {ByDocument<DocumentImage>} */
export function documentImages(manifest, store) {
  return new ByDocument(manifest, store, manifest.documents.images ?? [], { read: openImage, most: OPEN });
}

/** @param {Shard} shard @param {number} row @returns {DocumentImage} */
function openImage(shard, row) {
  /** @type {Uint8Array<ArrayBuffer>} */
  const bytes = shard.value('content', row);
  const [width, height] = [shard.value('width', row), shard.value('height', row)];
  if (!(width > 0 && height > 0)) throw shard.fault(`image ${row} has no size`);
  const blob = new Blob([bytes], { type: bytes[0] === 0xff ? 'image/jpeg' : 'image/png' });
  const [down, across] = ['frames_down', 'frames_across'].map((name) => (
    shard.columns.has(name) ? shard.value(name, row) : 1));
  return { width, height, blob, url: URL.createObjectURL(blob), ...down * across > 1 && { frames: { down, across } } };
}
