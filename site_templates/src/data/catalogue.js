/** Looking things up in the manifest: models, heads, axes, and which shards hold what. */
import { DETAILS } from '../format/columns.js';
import { readDetails } from './records.js';
import { formatFault } from './shard.js';

/** @import { Shard } from './shard.js' */
/** @import { AxisEntry, BiasTable, Head, Manifest, Model, ShardEntry } from './types.d.ts' */

const DETAIL_SHARDS = 'head-details';

export class Catalogue {
  /** @param {Manifest} manifest */
  constructor(manifest) {
    this.manifest = manifest;
    /** @type {Map<string, {heads: Head[], byId: Map<string, Head>}>} */
    this.named = new Map();
    /** Ids of shards by kind, model, stack and layer. @type {Map<string, string[]> | undefined} */
    this.places = undefined;
  }

  /** @param {string} name */
  model(name) {
    const model = this.manifest.models.find((candidate) => candidate.name === name);
    if (!model) throw new RangeError(`The report has no model ${name}.`);
    return model;
  }

  /**
   * A model's heads, with their names and stacks.
   * @param {string} modelName
   * @returns {Head[]}
   */
  heads(modelName) {
    return this.namedHeads(modelName).heads;
  }

  /** @param {string} modelName */
  namedHeads(modelName) {
    let named = this.named.get(modelName);
    if (!named) {
      const heads = nameHeads(this.model(modelName));
      named = { heads, byId: new Map(heads.map((head) => [head.id, head])) };
      this.named.set(modelName, named);
    }
    return named;
  }

  /** A head; undefined where the model has none of this name. @param {string} modelName @param {string} id */
  find(modelName, id) {
    return this.namedHeads(modelName).byId.get(id);
  }

  /**
   * @param {string} modelName
   * @param {string} id
   */
  head(modelName, id) {
    const head = this.find(modelName, id);
    if (!head) throw new RangeError(`${modelName} has no head ${id}.`);
    return head;
  }

  /**
   * @param {string} modelName
   * @param {string} axisName
   * @returns {AxisEntry}
   */
  axis(modelName, axisName) {
    const axis = this.model(modelName).axes.find((candidate) => candidate.name === axisName);
    if (!axis) throw formatFault('manifest.json', `${modelName} has no axis ${axisName}`);
    return axis;
  }

  /**
   * What a head adds to its scores; null if nothing.
   * @param {string} modelName
   * @param {Head} head
   * @returns {BiasTable | null}
   */
  bias(modelName, head) {
    if (typeof head.bias !== 'number') return null;
    const entry = this.model(modelName).biases?.[head.bias];
    if (!entry) throw formatFault('manifest.json', `${modelName} has no bias ${head.bias}`);
    return entry;
  }

  /**
   * The shard, among some split by documents, that holds a document, and the first document in it.
   * @param {string[]} ids
   * @param {number} document
   */
  covering(ids, document) {
    for (const id of ids) {
      const range = this.manifest.shards[id]?.documents;
      if (range && contains(range, document)) return { id, first: range[0] };
    }
    const { count } = this.manifest.documents;
    if (document < count) throw formatFault('manifest.json', `no shard of ${ids.join(', ')} has document ${document}`);
    throw new RangeError(`The report has ${count} documents and none numbered ${document}.`);
  }

  /**
   * The shard and the dimensions of one head's map.
   * @param {string} modelName
   * @param {Head} head
   * @param {string} mapId
   */
  map(modelName, head, mapId) {
    const kind = this.model(modelName).maps.find((map) => map.id === mapId);
    const [id] = this.ofLayer('map', modelName, head)
      .filter((shard) => this.entry(shard).map === mapId && contains(this.entry(shard).heads, head.head));
    if (head.maps[mapId] && !(id && kind)) throw formatFault('manifest.json', `no shard has ${mapId} of ${head.id}`);
    if (!id || !kind) throw new RangeError(`${modelName} has no map ${mapId} of ${head.id}.`);
    return { id, dimensions: kind.dimensions };
  }

  /**
   * The shards that hold a head's rows for a document in one encoding.
   * @param {string} modelName
   * @param {Head} head
   * @param {number} document
   * @param {string} encoding
   */
  attention(modelName, head, document, encoding) {
    return this.ofLayer('attention', modelName, head).filter((id) => {
      const entry = this.entry(id);
      return entry.encoding === encoding && contains(entry.kv_heads, head.kv_head)
        && contains(entry.documents, document);
    });
  }

  /**
   * The shards that hold a head's queries and keys of a document in full; none where they are not stored.
   * @param {string} modelName
   * @param {Head} head
   * @param {number} document
   */
  vectors(modelName, head, document) {
    return this.ofLayer('vectors', modelName, head).filter((id) => (
      contains(this.entry(id).kv_heads, head.kv_head) && contains(this.entry(id).documents, document)));
  }

  /**
   * The shards with what losing a head costs in a document: one, if it was measured.
   * @param {string} modelName
   * @param {Head} head
   * @param {number} document
   */
  effects(modelName, head, document) {
    return this.ofLayer('effects', modelName, head).filter((id) => contains(this.entry(id).documents, document));
  }

  /** Whether it is known of a head what only its panel shows. @param {string} modelName @param {Head} head */
  detailed(modelName, head) {
    return DETAILS.some((key) => key in head) || this.ofLayer(DETAIL_SHARDS, modelName, head).length === 0;
  }

  /** @param {string} modelName @param {Head} head */
  detailsShard(modelName, head) {
    return this.ofLayer(DETAIL_SHARDS, modelName, head)[0];
  }

  /**
   * Adds to each head of a layer what is said of it alone.
   * @param {string} modelName
   * @param {Head} head one of them
   * @param {Shard} shard
   */
  addDetails(modelName, head, shard) {
    const ofLayer = this.heads(modelName).filter(({ stack, layer }) => stack === head.stack && layer === head.layer);
    const details = readDetails(shard);
    if (details.length !== ofLayer.length) throw shard.fault(`it has ${details.length} heads of ${ofLayer.length}`);
    ofLayer.forEach((other, i) => Object.assign(other, details[i]));
  }

  /** The shards of a kind of a head's layer. @param {string} kind @param {string} modelName @param {Head} head */
  ofLayer(kind, modelName, { stack, layer }) {
    this.places ??= placesOf(this.manifest.shards);
    return this.places.get(placeOf({ kind, model: modelName, stack, layer })) ?? [];
  }

  /** @param {string} id @returns {ShardEntry} */
  entry(id) {
    return this.manifest.shards[id];
  }
}

/** @param {Record<string, ShardEntry>} shards @returns {Map<string, string[]>} */
function placesOf(shards) {
  const places = new Map();
  for (const [id, entry] of Object.entries(shards)) {
    const ids = places.get(placeOf(entry));
    if (ids) ids.push(id);
    else places.set(placeOf(entry), [id]);
  }
  return places;
}

/** @param {Pick<ShardEntry, 'kind' | 'model' | 'stack' | 'layer'>} entry */
function placeOf({ kind, model, stack, layer }) {
  return `${kind} ${model} ${stack} ${layer}`;
}

/**
 * @param {[number, number] | undefined} range [first, end)
 * @param {number} value
 */
function contains(range, value) {
  return range !== undefined && value >= range[0] && value < range[1];
}

/**
 * @param {Model} model
 * @returns {Head[]}
 */
function nameHeads(model) {
  return (model.heads ?? []).map((head) => {
    const stackInfo = model.stacks.find((stack) => stack.name === head.stack);
    if (!stackInfo) throw formatFault('manifest.json', `${model.name} has no stack ${head.stack}`);
    if (!model.rules[head.rule]) throw formatFault('manifest.json', `${model.name} has no rule ${head.rule}`);
    return { ...head, id: headName(model, head.stack, head.layer, head.head), stackInfo };
  });
}

/**
 * L5H3, or cross.L5H3 where the model has several stacks.
 * @param {Model} model
 * @param {string} stack
 * @param {number} layer
 * @param {number} head
 */
export function headName(model, stack, layer, head) {
  return `${model.stacks.length > 1 ? `${stack}.` : ''}L${layer}H${head}`;
}
