/** The attention of any head in any document: which files it takes, and what is kept of it once it is decoded. */
import { assemble, isDense } from './attention.js';
import { checkReach, openBias } from './bias.js';
import { interactionOf, pairVectors, scoreBars } from './interactions.js';
import { measureLengths } from './lengths.js';
import { maskIntervals } from './score.js';
import { formatFault } from './shard.js';
import { readValueLengths, rowTotals, WeightedAttention } from './weighted.js';

/** @import { Attention, Bias, Head, Intervals, Lengths, Rule, ScoreBars } from './types.d.ts' */
/** @import { ByteCache } from './cache.js' */
/** @import { Catalogue } from './catalogue.js' */
/** @import { Corpus } from './corpus.js' */
/** @import { ShardStore } from './store.js' */

/** Milliseconds of work between two rests. */
const LONGEST_WORK = 24;

export class Attentions {
  /** @type {Catalogue} */ #catalogue;
  /** @type {ShardStore} */ #store;
  /** @type {ByteCache<any>} */ #cache;
  /** @type {Corpus} */ #corpus;

  /**
   * @param {Catalogue} catalogue
   * @param {ShardStore} store
   * @param {ByteCache<any>} cache
   * @param {Corpus} corpus
   */
  constructor(catalogue, store, cache, corpus) {
    this.#catalogue = catalogue;
    this.#store = store;
    this.#cache = cache;
    this.#corpus = corpus;
  }

  /**
   * @param {string} modelName
   * @param {string} headId
   * @param {number} document
   * @returns {Promise<Attention>}
   */
  async open(modelName, headId, document) {
    const key = `attention ${modelName} ${headId} ${document}`;
    const opened = this.#cache.get(key);
    if (opened) return opened;
    const { head, encoding, ids } = await this.#find(modelName, headId, document);
    const rule = this.#catalogue.model(modelName).rules[head.rule];
    const [shards, bias, { queries, keys }] = await Promise.all([
      this.#loadAll(ids),
      isDense(encoding) ? null : this.#bias(modelName, head),
      this.#count(modelName, head, document),
    ]);
    checkReach(bias, queries, keys, `${headId} in document ${document}`);
    const intervals = await this.#intervals(rule, document, queries, keys);
    const attention = assemble({ shards, head, document, encoding, rule, bias, intervals, keys });
    this.#cache.set(key, attention, attention.bytes);
    return attention;
  }

  /**
   * The same weighted by the lengths of values. RangeError where the report has none of the head.
   * @param {string} modelName
   * @param {string} headId
   * @param {number} document
   * @returns {Promise<Attention>}
   */
  async openWeighted(modelName, headId, document) {
    const key = `weighted ${modelName} ${headId} ${document}`;
    const opened = this.#cache.get(key);
    if (opened) return opened;
    const [attention, lengths] = await Promise.all([
      this.open(modelName, headId, document), this.valueLengths(modelName, headId, document),
    ]);
    const weighted = new WeightedAttention(attention, lengths, await rowTotals(attention, lengths, makeRests()));
    this.#cache.set(key, weighted, weighted.bytes);
    return weighted;
  }

  /**
   * How long the values of a document's keys are. RangeError where the report has none of the head.
   * @param {string} modelName
   * @param {string} headId
   * @param {number} document
   */
  async valueLengths(modelName, headId, document) {
    const head = this.#catalogue.head(modelName, headId);
    const { captures } = this.#catalogue.model(modelName);
    const source = captures.find(({ stack, layer }) => stack === head.stack && layer === head.layer);
    if (!source?.values) throw new RangeError(`This report has no lengths of the values of ${headId}.`);
    const { id, first } = this.#catalogue.covering(source.values.shards, document);
    const [shard, { offsets, lengths }] = await Promise.all([
      this.#store.load(id), this.#corpus.axis(modelName, head.stackInfo.key_axis),
    ]);
    return readValueLengths(shard, head.kv_head, offsets[document] - offsets[first], lengths[document]);
  }

  /**
   * How long a document's queries and keys are; undefined where its attention is stored instead, as of short ones, or
   * nothing.
   * @param {string} modelName
   * @param {string} headId
   * @param {number} document
   * @returns {Promise<Lengths | undefined>}
   */
  async lengths(modelName, headId, document) {
    const kept = await this.#corpus.kept(modelName);
    if (kept && !kept.has(document)) return undefined;
    const { head, encoding, ids } = await this.#find(modelName, headId, document);
    if (isDense(encoding)) return undefined;
    const [shards, tokens] = await Promise.all([this.#loadAll(ids), this.#count(modelName, head, document)]);
    return measureLengths(shards, head, document, tokens, head.stackInfo.head_size);
  }

  /**
   * What the score of a query and a key is made of; null where the report does not say it of the document, or the
   * query may not see the key.
   * @param {string} modelName
   * @param {string} headId
   * @param {{document: number, query: number, key: number}} pair
   * @returns {Promise<ScoreBars | null>}
   */
  async scoreBars(modelName, headId, pair) {
    const head = this.#catalogue.head(modelName, headId);
    const rule = this.#catalogue.model(modelName).rules[head.rule];
    const { queries, keys } = await this.#count(modelName, head, pair.document);
    if (pair.query >= queries || pair.key >= keys) return null;
    const { lo, hi } = await this.#intervals(rule, pair.document, queries, keys);
    if (pair.key < lo[pair.query] || pair.key >= hi[pair.query]) return null;
    const [interaction, vectors, bias] = await Promise.all([
      interactionOf(this.#catalogue, this.#store, modelName, headId),
      pairVectors(this.#catalogue, this.#store, modelName, headId, pair), this.#bias(modelName, head),
    ]);
    checkReach(bias, queries, keys, `${headId} in document ${pair.document}`);
    return interaction && vectors && scoreBars(interaction, vectors, rule, bias, pair);
  }

  /**
   * The head, how the document's group is stored in it, and the shards with its rows.
   * @param {string} modelName
   * @param {string} headId
   * @param {number} document
   */
  async #find(modelName, headId, document) {
    const head = this.#catalogue.head(modelName, headId);
    const kept = await this.#corpus.kept(modelName);
    if (kept && !kept.has(document)) {
      throw new RangeError(`This report stores the attention of ${kept.size} documents of ${modelName}, `
        + `and document ${document} is none of them: keep in the corpus says which.`);
    }
    const group = await this.#corpus.value(document, 'group');
    const encoding = head.encodings[group];
    if (encoding === undefined) throw formatFault('manifest.json', `${headId} has no encoding of group ${group}`);
    return { head, encoding, ids: this.#catalogue.attention(modelName, head, document, encoding) };
  }

  /** @param {string[]} ids */
  #loadAll(ids) {
    return Promise.all(ids.map((id) => this.#store.load(id)));
  }

  /**
   * How many queries and keys a document has.
   * @param {string} modelName
   * @param {Head} head
   * @param {number} document
   */
  async #count(modelName, { stackInfo }, document) {
    const [queries, keys] = await Promise.all([
      this.#corpus.axis(modelName, stackInfo.query_axis), this.#corpus.axis(modelName, stackInfo.key_axis),
    ]);
    return { queries: queries.lengths[document], keys: keys.lengths[document] };
  }

  /**
   * @param {string} modelName
   * @param {Head} head
   * @returns {Promise<Bias | null>}
   */
  async #bias(modelName, head) {
    const entry = this.#catalogue.bias(modelName, head);
    if (!entry) return null;
    const key = `bias ${modelName} ${head.id}`;
    const opened = this.#cache.get(key);
    if (opened) return opened;
    const { places } = this.#catalogue.axis(modelName, head.stackInfo.query_axis);
    const [shard, windows] = await Promise.all([
      this.#store.load(entry.shard), places ? this.#store.load(places) : undefined,
    ]);
    const bias = openBias(shard, head.head, entry, /** @type {Uint16Array | undefined} */ (windows?.numbers('place')));
    this.#cache.set(key, bias, bias.values.byteLength);
    return bias;
  }

  /**
   * @param {Rule} rule
   * @param {number} document
   * @param {number} queries
   * @param {number} keys
   * @returns {Promise<Intervals>}
   */
  async #intervals({ mask }, document, queries, keys) {
    if (mask.kind !== 'intervals') return maskIntervals(mask, queries, keys);
    const { id, first } = this.#catalogue.covering(mask.shards ?? [], document);
    const shard = await this.#store.load(id);
    const bound = (/** @type {string} */ name) => {
      const list = /** @type {Uint32Array} */ (shard.need(name, document - first, queries));
      return list.slice();
    };
    const [lo, hi] = [bound('lo'), bound('hi')];
    if (hi.some((key) => key > keys)) throw shard.fault(`document ${document} has a key beyond its ${keys}`);
    return { lo, hi };
  }
}

/** Lets the page answer every so often. */
function makeRests() {
  let last = performance.now();
  return () => {
    if (performance.now() - last < LONGEST_WORK) return undefined;
    return new Promise((/** @type {(value: void) => void} */ resolve) => {
      setTimeout(() => {
        last = performance.now();
        resolve();
      });
    });
  };
}
