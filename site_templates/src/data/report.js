/**
 * A report, opened: everything the views ask for, loaded when they ask.
 * docs/reference/report-format.md describes the files behind it.
 */
import { assemble, isDense } from './attention.js';
import { layOut } from './axis.js';
import { checkReach, openBias } from './bias.js';
import { ByteCache } from './cache.js';
import { Catalogue, headName } from './catalogue.js';
import { DataError } from './errors.js';
import { measureLengths } from './lengths.js';
import { openMap, openOverview } from './maps.js';
import { DocumentImages } from './images.js';
import { maskIntervals } from './score.js';
import { isStale } from './staleness.js';
import { ShardStore } from './store.js';
import { openDocuments, openCrop, openTokens } from './texts.js';
import { openTransport } from './transport.js';
import { checkFormat } from './version.js';

/**
 * @import { Attention, AxisLayout, Documents, Bias, Head, HeadMap, Intervals, Lengths } from './types.d.ts'
 * @import { LoadEvent, Loaded, Manifest, Overview, DocumentImage, Rule, Tokens } from './types.d.ts'
 */
/** @import { Shard } from './shard.js' */
/** @import { FetchBytes } from './transport.js' */

const DEFAULT_BUDGET = 128 * 2 ** 20;

/**
 * @param {object} options
 * @param {Manifest} options.manifest
 * @param {string} options.base URL of the report's folder, ending in "/"
 * @param {FetchBytes} [options.fetchBytes] how to get files; by default as the base's protocol allows
 * @param {number} [options.budget] bytes of shards and decoded attention to keep
 * @returns {Report}
 * @throws {DataError} where the manifest is of another format or version
 */
export function openReport({ manifest, base, fetchBytes = openTransport(base), budget = DEFAULT_BUDGET }) {
  checkFormat(manifest?.format, manifest?.format_version, 'manifest.json');
  return new Report(manifest, fetchBytes, budget);
}

export class Report {
  /** @type {Set<(event: LoadEvent) => void>} */ #listeners = new Set();
  /** @type {WeakMap<Shard, AxisLayout>} */ #layouts = new WeakMap();
  /** @type {ByteCache<any>} */ #cache;
  /** @type {Catalogue} */ #catalogue;
  /** @type {FetchBytes} */ #fetchBytes;
  /** @type {DocumentImages} */ #images;
  /** @type {ShardStore} */ #store;
  /** @type {Promise<void> | undefined} */ #staleCheck;

  /**
   * @param {Manifest} manifest
   * @param {FetchBytes} fetchBytes
   * @param {number} budget
   */
  constructor(manifest, fetchBytes, budget) {
    this.manifest = manifest;
    this.models = manifest.models;
    /** Whether the site was built anew since this page was opened; a "stale" event tells when that is found. */
    this.stale = false;
    this.#cache = new ByteCache(budget);
    this.#catalogue = new Catalogue(manifest);
    this.#fetchBytes = fetchBytes;
    this.#store = new ShardStore(manifest.shards, fetchBytes, this.#cache, (event) => this.#notify(event));
    this.#images = new DocumentImages(manifest, this.#store);
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
    return this.model(modelName) && this.heads(modelName).find((head) => head.id === id);
  }

  /**
   * Titles, texts and groups of all documents. A shard that fails leaves only its own documents unreadable.
   * @returns {Promise<Documents>}
   */
  async documents() {
    const ids = this.manifest.documents.shards;
    return openDocuments(this.manifest, await Promise.all(ids.map((id) => (
      this.#store.load(id).then((shard) => ({ shard }), (error) => ({ error }))))));
  }

  /**
   * @param {string} modelName
   * @param {string} axisName
   * @returns {Promise<AxisLayout>}
   */
  async axis(modelName, axisName) {
    const shard = await this.#store.load(this.#catalogue.axis(modelName, axisName).lengths);
    let layout = this.#layouts.get(shard);
    if (!layout) this.#layouts.set(shard, layout = layOut(/** @type {Uint32Array} */ (shard.numbers('length'))));
    return layout;
  }

  /**
   * @param {string} modelName
   * @param {string} axisName
   * @param {number} document
   * @returns {Promise<Tokens>}
   */
  async tokens(modelName, axisName, document) {
    const axis = this.#catalogue.axis(modelName, axisName);
    const { id, first } = this.#catalogue.covering(axis.shards, document);
    const [shard, { lengths, offsets }, text, crops] = await Promise.all([
      this.#store.load(id), this.axis(modelName, axisName), this.#about(document, 'text'),
      axis.crops ? this.#store.load(axis.crops) : null,
    ]);
    const crop = crops && openCrop(crops, document);
    return openTokens(shard, offsets[document] - offsets[first], lengths[document], text, axis, crop);
  }

  /**
   * The vocabulary's id of every token in corpus order: takes all files of tokens.
   * @param {string} modelName
   * @param {string} axisName
   * @returns {Promise<Int32Array>}
   */
  async tokenIds(modelName, axisName) {
    const { shards, tokens } = this.#catalogue.axis(modelName, axisName);
    const all = new Int32Array(tokens);
    let at = 0;
    for (const shard of await Promise.all(shards.map((id) => this.#store.load(id)))) {
      const ids = shard.numbers('id');
      all.set(ids, at);
      at += ids.length;
    }
    return all;
  }

  /**
   * A document's image; undefined where it has none.
   * @param {number} document
   * @returns {Promise<DocumentImage | undefined>}
   */
  image(document) {
    return this.#images.open(document);
  }

  /**
   * Every head's first map points: one small file.
   * @param {string} modelName
   * @returns {Promise<Overview[]>}
   */
  async overview(modelName) {
    const model = this.#catalogue.model(modelName);
    const shard = await this.#store.load(model.overview.shard);
    return openOverview(shard, (stack, layer, head) => headName(model, stack, layer, head));
  }

  /**
   * For each map point its token's index in corpus order.
   * @param {string} modelName
   * @param {string} axisName
   */
  async sample(modelName, axisName) {
    const shard = await this.#store.load(this.#catalogue.axis(modelName, axisName).sample.shard);
    return /** @type {Uint32Array} */ (shard.numbers('token'));
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

  /**
   * @param {string} modelName
   * @param {string} headId
   * @param {number} document
   * @returns {Promise<Attention>}
   */
  async attention(modelName, headId, document) {
    const key = `attention ${modelName} ${headId} ${document}`;
    const opened = this.#cache.get(key);
    if (opened) return opened;
    const head = this.#catalogue.head(modelName, headId);
    const rule = this.#catalogue.model(modelName).rules[head.rule];
    const encoding = head.encodings[await this.#about(document, 'group')];
    const ids = this.#catalogue.attention(modelName, head, document, encoding);
    const [shards, bias, queryAxis, keyAxis] = await Promise.all([
      Promise.all(ids.map((id) => this.#store.load(id))),
      isDense(encoding) ? null : this.#bias(modelName, head),
      this.axis(modelName, head.stackInfo.query_axis),
      this.axis(modelName, head.stackInfo.key_axis),
    ]);
    const [queries, keys] = [queryAxis.lengths[document], keyAxis.lengths[document]];
    checkReach(bias, queries, keys, `${headId} in document ${document}`);
    const intervals = await this.#intervals(rule, document, queries, keys);
    const attention = assemble({ shards, head, document, encoding, rule, bias, intervals, keys });
    this.#cache.set(key, attention, attention.bytes);
    return attention;
  }

  /**
   * How long a document's queries and keys are; undefined where its attention is stored instead, as of short ones.
   * @param {string} modelName
   * @param {string} headId
   * @param {number} document
   * @returns {Promise<Lengths | undefined>}
   */
  async lengths(modelName, headId, document) {
    const head = this.#catalogue.head(modelName, headId);
    const encoding = head.encodings[await this.#about(document, 'group')];
    if (isDense(encoding)) return undefined;
    const ids = this.#catalogue.attention(modelName, head, document, encoding);
    const [queries, keys, ...shards] = await Promise.all([
      this.axis(modelName, head.stackInfo.query_axis), this.axis(modelName, head.stackInfo.key_axis),
      ...ids.map((id) => this.#store.load(id)),
    ]);
    const tokens = { queries: queries.lengths[document], keys: keys.lengths[document] };
    return measureLengths(shards, head, document, tokens, head.stackInfo.head_size);
  }

  /** @returns {Loaded} */
  get loaded() {
    return { bytes: this.#store.bytes, files: this.#store.files, pending: this.#store.pending };
  }

  /**
   * Calls the listener as loading starts, ends or fails, and when the site turns out to be built anew.
   * @param {(event: LoadEvent) => void} listener
   * @returns {() => void} takes the listener away
   */
  onChange(listener) {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
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
    return { lo: bound('lo'), hi: bound('hi') };
  }

  /**
   * One column's value for a document, from the one shard that has it.
   * @param {number} document
   * @param {string} column
   */
  async #about(document, column) {
    const { id, first } = this.#catalogue.covering(this.manifest.documents.shards, document);
    return (await this.#store.load(id)).value(column, document - first);
  }

  /** @param {LoadEvent} event */
  #notify(event) {
    for (const listener of this.#listeners) listener(event);
    // A shard that is gone may mean a newer report under the same address: look once.
    if (event.error instanceof DataError && event.error.kind === 'missing') this.#staleCheck ??= this.#checkStale();
  }

  async #checkStale() {
    this.stale = await isStale(this.#fetchBytes, this.manifest);
    if (this.stale) this.#notify({ type: 'stale', path: 'manifest.json' });
  }
}
