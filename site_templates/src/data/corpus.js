/** The corpus of a report: its documents, their texts and images, and what each model's tokens say. */
import { layOut } from './axis.js';
import { documentImages } from './images.js';
import { documentScores } from './scores.js';
import { documentSounds } from './sounds.js';
import { openCrop, openDocuments, openTokens } from './texts.js';

/** @import { ByDocument } from './by-document.js' */
/** @import { AxisLayout, DocumentImage, DocumentSound, Documents, Tokens } from './types.d.ts' */
/** @import { Catalogue } from './catalogue.js' */
/** @import { Shard } from './shard.js' */
/** @import { ShardStore } from './store.js' */

export class Corpus {
  /** @type {WeakMap<Shard, AxisLayout>} */ #layouts = new WeakMap();
  /** @type {WeakMap<Shard, Set<number>>} */ #kept = new WeakMap();
  /** @type {Catalogue} */ #catalogue;
  /** @type {ByDocument<DocumentImage>} */ #images;
  /** @type {ByDocument<DocumentSound>} */ #sounds;
  /** @type {ShardStore} */ #store;

  /**
   * @param {Catalogue} catalogue
   * @param {ShardStore} store
   */
  constructor(catalogue, store) {
    this.#catalogue = catalogue;
    this.#store = store;
    this.#images = documentImages(catalogue.manifest, store);
    this.#sounds = documentSounds(catalogue.manifest, store);
  }

  /**
   * Titles, texts and groups of all documents. A shard that fails leaves only its own documents unreadable.
   * @returns {Promise<Documents>}
   */
  async documents() {
    const { manifest } = this.#catalogue;
    return openDocuments(manifest, await Promise.all(manifest.documents.shards.map((id) => (
      this.#store.load(id).then((shard) => ({ shard }), (error) => ({ error }))))));
  }

  /**
   * One column's value for a document, from the one shard that has it.
   * @param {number} document
   * @param {string} column
   */
  async value(document, column) {
    const { id, first } = this.#catalogue.covering(this.#catalogue.manifest.documents.shards, document);
    return (await this.#store.load(id)).value(column, document - first);
  }

  /**
   * A document's image; undefined where it has none.
   * @param {number} document
   * @returns {Promise<DocumentImage | undefined>}
   */
  image(document) {
    return this.#images.open(document);
  }

  /** The rows of scores that a document came with. @param {number} document */
  scores(document) {
    return documentScores(this.#catalogue.manifest, this.#store, document);
  }

  /** Whether the manifest has a sound for a document. @param {number} document */
  hasSound(document) {
    return this.#sounds.shardOf(document) !== undefined;
  }

  /**
   * A document's sound; undefined where it has none.
   * @param {number} document
   * @returns {Promise<DocumentSound | undefined>}
   */
  sound(document) {
    return this.#sounds.open(document);
  }

  /**
   * @param {string} modelName
   * @param {string} axisName
   * @returns {Promise<AxisLayout>}
   */
  async axis(modelName, axisName) {
    const { lengths, tokens } = this.#catalogue.axis(modelName, axisName);
    const shard = await this.#store.load(lengths);
    let layout = this.#layouts.get(shard);
    // Asked for with every document's tokens: proved once, as it takes a look at every document.
    if (layout) return layout;
    layout = layOut(/** @type {Uint32Array} */ (shard.numbers('length')));
    const documents = layout.lengths.length;
    const total = layout.lengths.reduce((sum, length) => sum + length, 0);
    const { count } = this.#catalogue.manifest.documents;
    if (documents !== count) throw shard.fault(`it has ${documents} documents, the manifest ${count}`);
    if (total !== tokens) throw shard.fault(`it has ${total} tokens, the manifest ${tokens}`);
    this.#layouts.set(shard, layout);
    return layout;
  }

  /**
   * The documents whose attention is stored of a model; undefined for all that it takes.
   * @param {string} modelName
   * @returns {Promise<Set<number> | undefined>}
   */
  async kept(modelName) {
    const { kept } = this.#catalogue.model(modelName);
    if (!kept) return undefined;
    const shard = await this.#store.load(kept.shard);
    let documents = this.#kept.get(shard);
    if (!documents) this.#kept.set(shard, documents = new Set(shard.numbers('document')));
    return documents;
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
      this.#store.load(id), this.axis(modelName, axisName), this.value(document, 'text'),
      axis.crops ? this.#store.load(axis.crops) : null,
    ]);
    const { documents: [, end] = [0, 0] } = shard.entry;
    const tokens = offsets[end] - offsets[first];
    if (tokens !== shard.rows) throw shard.fault(`it has ${shard.rows} tokens, its documents ${tokens}`);
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
}
