/** A head's pairs of a query and a key in bands of attention, and some of each that were drawn. */

/** @import { Catalogue } from './catalogue.js' */
/** @import { Band, Head } from './types.d.ts' */
/** @import { Shard } from './shard.js' */
/** @import { ShardStore } from './store.js' */

/**
 * The bands of a head, the strongest first; none where the report is of before they were drawn.
 * @param {Catalogue} catalogue
 * @param {Pick<ShardStore, 'load'>} store
 * @param {string} modelName
 * @param {string} headId
 * @param {(axis: string) => Promise<ArrayLike<number>>} lengthsOf tokens of every document on an axis
 * @returns {Promise<Band[]>}
 */
export async function bandsOf(catalogue, store, modelName, headId, lengthsOf) {
  const head = catalogue.head(modelName, headId);
  const { examples } = catalogue.model(modelName);
  const [id] = catalogue.ofLayer('examples', modelName, head);
  if (!examples || !id) return [];
  const { lows } = examples;
  const shard = await store.load(id);
  const row = shard.numbers('head').indexOf(head.head);
  if (row < 0) throw shard.fault(`it has no examples of ${headId}`);
  const [pairs, attention] = ['pairs', 'attention'].map((name) => shard.needFinite(name, row, lows.length));
  const [allPairs, allAttention] = [pairs, attention].map(sum);
  const drawn = pairsDrawn(shard, row);
  await checkPairs(shard, head, drawn, lengthsOf);
  return lows.map((low, band) => ({
    low,
    high: band === 0 ? 1 : lows[band - 1],
    pairs: pairs[band],
    share: allPairs && pairs[band] / allPairs,
    attention: allAttention && attention[band] / allAttention,
    drawn: drawn.filter((pair) => pair.band === band),
  }));
}

/** @param {Shard} shard @param {number} row */
function pairsDrawn(shard, row) {
  const bands = shard.need('band', row);
  const [documents, queries, keys, weights] = ['document', 'query', 'key', 'weight']
    .map((name) => shard.needFinite(name, row, bands.length));
  return Array.from(bands, (band, i) => (
    { band, document: documents[i], query: queries[i], key: keys[i], weight: weights[i] }));
}

/**
 * Every pair is of tokens that there are.
 * @param {Shard} shard
 * @param {Head} head
 * @param {ReturnType<typeof pairsDrawn>} drawn
 * @param {(axis: string) => Promise<ArrayLike<number>>} lengthsOf
 */
async function checkPairs(shard, { stackInfo: { query_axis, key_axis } }, drawn, lengthsOf) {
  const [queries, keys] = await Promise.all([lengthsOf(query_axis), lengthsOf(key_axis)]);
  const beyond = drawn.find(({ document, query, key }) => !(query < queries[document] && key < keys[document]));
  if (beyond) throw shard.fault(`it names tokens ${beyond.query} and ${beyond.key} of document ${beyond.document}`);
}

/** @param {ArrayLike<number>} values */
function sum(values) {
  return Array.from(values).reduce((total, value) => total + value, 0);
}
