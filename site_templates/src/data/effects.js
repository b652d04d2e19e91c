/** What losing a head costs its model in one document. */

/** @import { Catalogue } from './catalogue.js' */
/** @import { Effect } from './types.d.ts' */
/** @import { ShardStore } from './store.js' */

/** What may be measured, the first that a model has first, as statistics and shards name it. */
const MEASURES = ['loss', 'hidden'];

/**
 * By how much the loss rises, or hidden states turn, without a head, and with its control; null where it was not
 * measured on the document.
 * @param {Catalogue} catalogue
 * @param {Pick<ShardStore, 'load'>} store
 * @param {string} modelName
 * @param {string} headId
 * @param {number} document
 * @returns {Promise<Effect | null>}
 */
export async function effectIn(catalogue, store, modelName, headId, document) {
  const head = catalogue.head(modelName, headId);
  const [id] = catalogue.effects(modelName, head, document);
  if (!id) return null;
  const shard = await store.load(id);
  const row = shard.numbers('document').indexOf(document);
  const measure = MEASURES.find((name) => shard.columns.has(name));
  if (row < 0 || !measure || !shard.list(measure, row)) return null;
  const heads = catalogue.heads(modelName)
    .filter(({ stack, layer }) => stack === head.stack && layer === head.layer);
  const place = heads.indexOf(head);
  const [change, control] = [measure, `${measure}_control`]
    .map((name) => shard.needFinite(name, row, heads.length)[place]);
  return { measure, change, control };
}

/**
 * The same over all documents that were measured, from a head's statistics; null where nothing was.
 * @param {Record<string, number | null>} statistics
 * @returns {Effect | null}
 */
export function effectOf(statistics) {
  const measure = MEASURES.find((name) => typeof statistics[`effect_${name}`] === 'number');
  if (!measure) return null;
  const value = (/** @type {string} */ ending) => statistics[`effect_${measure}${ending}`] ?? NaN;
  return { measure, change: value(''), control: value('_control') };
}
