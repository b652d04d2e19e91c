/**
 * A report, opened: everything the views ask for, loaded when they ask.
 * docs/reference/report-format.md describes the files behind it.
 */
import { Attentions } from './attentions.js';
import { ByteCache } from './cache.js';
import { Catalogue, headName } from './catalogue.js';
import { Changes } from './changes.js';
import { Corpus } from './corpus.js';
import { attributionOf, pairsOf } from './attribution.js';
import { effectIn } from './effects.js';
import { bandsOf } from './examples.js';
import { interactionOf } from './interactions.js';
import { openMap, openOverview } from './maps.js';
import { ShardStore } from './store.js';
import { readPages } from './tables.js';
import { openTransport } from './transport.js';
import { checkFormat } from './version.js';
import { compositionOf, writesOf } from './writes.js';

/** @import { Head, HeadMap, LoadEvent, Loaded, Manifest, Overview } from './types.d.ts' */
/** @import { DataError } from './errors.js' */
/** @import { FetchBytes } from './transport.js' */

const DEFAULT_BUDGET = 128 * 2 ** 20;

/**
 * @param {object} options
 * @param {Manifest} options.manifest put together by `openManifest`
 * @param {Manifest} [options.written] as its file has it
 * @param {string} options.base URL of the report's folder, ending in "/"
 * @param {FetchBytes} [options.fetchBytes] how to get files; by default as the base's protocol allows
 * @param {number} [options.budget] bytes of shards and decoded attention to keep
 * @returns {Report}
 * @throws {DataError} where the manifest is of another format or version
 */
export function openReport({ manifest, written = manifest, base, fetchBytes = openTransport(base),
  budget = DEFAULT_BUDGET }) {
  checkFormat(manifest?.format, manifest?.format_version, 'manifest.json');
  return new Report(manifest, written, fetchBytes, budget);
}

export class Report {
  /** @type {Attentions} */ #attentions;
  /** @type {Catalogue} */ #catalogue;
  /** @type {Changes} */ #changes;
  /** @type {Corpus} */ #corpus;
  /** @type {FetchBytes} */ #fetchBytes;
  /** @type {ShardStore} */ #store;

  /**
   * @param {Manifest} manifest
   * @param {Manifest} written
   * @param {FetchBytes} fetchBytes
   * @param {number} budget
   */
  constructor(manifest, written, fetchBytes, budget) {
    const cache = new ByteCache(budget);
    this.manifest = manifest;
    this.models = manifest.models;
    this.#catalogue = new Catalogue(manifest);
    this.#changes = new Changes(written, fetchBytes);
    this.#fetchBytes = fetchBytes;
    this.#store = new ShardStore(manifest.shards, fetchBytes, cache, (event) => this.#changes.notify(event));
    this.#corpus = new Corpus(this.#catalogue, this.#store);
    this.#attentions = new Attentions(this.#catalogue, this.#store, cache, this.#corpus);
  }

  /** @param {string} name */
  model(name) {
    return this.models.find((model) => model.name === name);
  }

  /**
   * A model's heads in order of stack, layer, head.
   * @param {string} modelName
   */
  heads(modelName) {
    return this.#catalogue.heads(modelName);
  }

  /**
   * @param {string} modelName
   * @param {string} id such as "L5H3"
   */
  head(modelName, id) {
    return this.model(modelName) && this.#catalogue.find(modelName, id);
  }

  /**
   * A head with what only its panel shows, where that has come: undefined as long as it has not.
   * @param {string} modelName
   * @param {Head} head
   * @returns {Head | undefined}
   */
  known(modelName, head) {
    return this.#catalogue.detailed(modelName, head) ? head : undefined;
  }

  /**
   * A head with what only its panel shows, which is loaded for all of its layer.
   * @param {string} modelName
   * @param {Head} head
   * @returns {Promise<Head>}
   */
  async details(modelName, head) {
    const id = this.known(modelName, head) ? undefined : this.#catalogue.detailsShard(modelName, head);
    if (id) this.#catalogue.addDetails(modelName, head, await this.#store.load(id));
    return head;
  }

  /** The pages of heads, with their hashes: as files of the manifest. */
  pages() {
    return readPages(this.manifest, this.#fetchBytes);
  }

  /** Titles, texts and groups of all documents. A shard that fails leaves only its own documents unreadable. */
  documents() {
    return this.#corpus.documents();
  }

  /**
   * Where each document's tokens stand in corpus order.
   * @param {string} modelName
   * @param {string} axisName
   */
  axis(modelName, axisName) {
    return this.#corpus.axis(modelName, axisName);
  }

  /**
   * The documents whose attention is stored of a model; undefined for all that it takes.
   * @param {string} modelName
   */
  kept(modelName) {
    return this.#corpus.kept(modelName);
  }

  /** Whether the attention of a document is stored. @param {string} modelName @param {number} document */
  async keeps(modelName, document) {
    return (await this.#corpus.kept(modelName))?.has(document) ?? true;
  }

  /**
   * @param {string} modelName
   * @param {string} axisName
   * @param {number} document
   */
  tokens(modelName, axisName, document) {
    return this.#corpus.tokens(modelName, axisName, document);
  }

  /**
   * The vocabulary's id of every token in corpus order: takes all files of tokens.
   * @param {string} modelName
   * @param {string} axisName
   */
  tokenIds(modelName, axisName) {
    return this.#corpus.tokenIds(modelName, axisName);
  }

  /**
   * A document's image; undefined where it has none.
   * @param {number} document
   */
  image(document) {
    return this.#corpus.image(document);
  }

  /** The rows of scores that a document's text came with. @param {number} document */
  scores(document) {
    return this.#corpus.scores(document);
  }

  /** Whether a document may have a sound, known without loading. @param {number} document */
  hasSound(document) {
    return this.#corpus.hasSound(document);
  }

  /**
   * A document's sound; undefined where it has none.
   * @param {number} document
   */
  sound(document) {
    return this.#corpus.sound(document);
  }

  /**
   * @param {string} modelName
   * @param {string} headId
   * @param {number} document
   * @param {boolean} [weighted] by the lengths of values; RangeError where the report has none of the head
   */
  attention(modelName, headId, document, weighted = false) {
    return weighted ? this.#attentions.openWeighted(modelName, headId, document)
      : this.#attentions.open(modelName, headId, document);
  }

  /**
   * How long the values of a document's keys are; RangeError where the report has none of the head.
   * @param {string} modelName
   * @param {string} headId
   * @param {number} document
   */
  valueLengths(modelName, headId, document) {
    return this.#attentions.valueLengths(modelName, headId, document);
  }

  /**
   * What losing a head costs in a document; null where it was not measured.
   * @param {string} modelName
   * @param {string} headId
   * @param {number} document
   */
  effect(modelName, headId, document) {
    return effectIn(this.#catalogue, this.#store, modelName, headId, document);
  }

  /** Whether pairs of a head in bands of attention were drawn. @param {string} modelName @param {Head} head */
  hasExamples(modelName, head) {
    return this.#catalogue.ofLayer('examples', modelName, head).length > 0;
  }

  /**
   * A head's pairs of a query and a key in bands of attention, the strongest first.
   * @param {string} modelName
   * @param {string} headId
   */
  examples(modelName, headId) {
    return bandsOf(this.#catalogue, this.#store, modelName, headId,
      async (axis) => (await this.#corpus.axis(modelName, axis)).lengths);
  }

  /**
   * What a head writes at the tokens that it attends to; none where that is not known.
   * @param {string} modelName
   * @param {string} headId
   */
  writes(modelName, headId) {
    return writesOf(this.#catalogue, this.#store, modelName, headId);
  }

  /**
   * What parts of a model add to the logits of a document's next tokens; null where it is not known.
   * @param {string} modelName
   * @param {number} document
   */
  attribution(modelName, document) {
    return attributionOf(this.#catalogue, this.#store, modelName, document);
  }

  /**
   * What a head adds to them by each pair of tokens; null where that is not stored.
   * @param {string} modelName
   * @param {string} headId
   * @param {number} document
   */
  async addedByPairs(modelName, headId, document) {
    if ((this.model(modelName)?.writes?.attribution?.pairs ?? []).length === 0) return null;
    const attention = await this.attention(modelName, headId, document);
    return pairsOf(this.#catalogue, this.#store, modelName, headId, document, attention);
  }

  /**
   * The heads that a head reads most, and those that read it most; none where that is not known.
   * @param {string} modelName
   * @param {string} headId
   * @param {number} most
   */
  composition(modelName, headId, most) {
    return compositionOf(this.#catalogue, this.#store, modelName, headId, most);
  }

  /**
   * The components of a head's scores; null where they are not known.
   * @param {string} modelName
   * @param {string} headId
   */
  interaction(modelName, headId) {
    return interactionOf(this.#catalogue, this.#store, modelName, headId);
  }

  /**
   * What the score of a query and a key is made of; null where the report does not say it, or the query may not see
   * the key.
   * @param {string} modelName
   * @param {string} headId
   * @param {{document: number, query: number, key: number}} pair
   */
  scoreBars(modelName, headId, pair) {
    return this.#attentions.scoreBars(modelName, headId, pair);
  }

  /**
   * How long a document's queries and keys are; undefined where its attention is stored instead, as of short ones.
   * @param {string} modelName
   * @param {string} headId
   * @param {number} document
   */
  lengths(modelName, headId, document) {
    return this.#attentions.lengths(modelName, headId, document);
  }

  /**
   * Every head's first map points: one small file.
   * @param {string} modelName
   * @returns {Promise<Overview[]>}
   */
  async overview(modelName) {
    const model = this.#catalogue.model(modelName);
    const shard = await this.#store.load(model.overview.shard);
    const ids = new Set(this.heads(modelName).map(({ id }) => id));
    return openOverview(shard, (stack, layer, head) => headName(model, stack, layer, head), ids);
  }

  /**
   * For each map point its token's index in corpus order.
   * @param {string} modelName
   * @param {string} axisName
   */
  async sample(modelName, axisName) {
    const { sample, tokens } = this.#catalogue.axis(modelName, axisName);
    const shard = await this.#store.load(sample.shard);
    const places = /** @type {Uint32Array} */ (shard.numbers('token'));
    const beyond = places.find((token) => token >= tokens);
    if (beyond !== undefined) throw shard.fault(`it names token ${beyond} of ${tokens}`);
    return places;
  }

  /**
   * @param {string} modelName
   * @param {string} headId
   * @param {string} mapId such as "pca-2d"
   * @returns {Promise<HeadMap>}
   */
  async map(modelName, headId, mapId) {
    const head = this.#catalogue.head(modelName, headId);
    const { id, dimensions } = this.#catalogue.map(modelName, head, mapId);
    const points = (/** @type {string} */ axis) => this.#catalogue.axis(modelName, axis).sample.count;
    const { query_axis, key_axis } = head.stackInfo;
    const counts = { queries: points(query_axis), keys: points(key_axis) };
    return openMap(await this.#store.load(id), head.head, dimensions, counts);
  }

  /** @returns {Loaded} */
  get loaded() {
    return { bytes: this.#store.bytes, files: this.#store.files, pending: this.#store.pending };
  }

  /** Tells listeners of a file that did not come, though it is none of the data. @param {DataError} error */
  tellFailure(error) {
    this.#changes.notify({ type: 'fail', path: error.path, error });
  }

  /** Whether the site was built anew since this page was opened; a "stale" event tells when that is found. */
  get stale() {
    return this.#changes.stale;
  }

  /**
   * Calls the listener as loading starts, ends or fails, and when the site turns out to be built anew.
   * @param {(event: LoadEvent) => void} listener
   * @returns {() => void} takes the listener away
   */
  onChange(listener) {
    return this.#changes.listen(listener);
  }
}
