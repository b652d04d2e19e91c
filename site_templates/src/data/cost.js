/**
 * What reading the attention of several heads in one document takes.
 * @import { Manifest } from './types.d.ts'
 */
import { Catalogue } from './catalogue.js';

/**
 * Bytes of all files that hold it: whole files, which may hold other documents too.
 * @param {Manifest} manifest
 * @param {string} model
 * @param {readonly string[]} heads ids
 * @param {number} document
 * @param {number} group of the document
 */
export function attentionBytes(manifest, model, heads, document, group) {
  const catalogue = new Catalogue(manifest);
  const files = new Set(heads.flatMap((id) => {
    const head = catalogue.head(model, id);
    return catalogue.attention(model, head, document, head.encodings[group]);
  }));
  return [...files].reduce((sum, id) => sum + manifest.shards[id].bytes, 0);
}
