/** Looking things up in the manifest: models, heads, axes, and which shards hold what. */
import { formatFault } from './shard.js';

/** @import { AxisEntry, BiasTable, Head, Manifest, Model, ShardEntry } from './types.d.ts' */

export class Catalogue {
  /** @param {Manifest} manifest */
  constructor(manifest) {
    this.manifest = manifest;
    /** @type {Map<string, Head[]>} */
    this.named = new Map();
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
    let heads = this.named.get(modelName);
    if (!heads) {
      heads = nameHeads(this.model(modelName));
      this.named.set(modelName, heads);
    }
    return heads;
  }

  /**
   * @param {string} modelName
   * @param {string} id
   */
  head(modelName, id) {
    const head = this.heads(modelName).find((candidate) => candidate.id === id);
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
    const [id] = this.find((entry) => entry.kind === 'map' && entry.map === mapId
      && ofLayer(entry, modelName, head) && contains(entry.heads, head.head));
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
    return this.find((entry) => entry.kind === 'attention' && entry.encoding === encoding
      && ofLayer(entry, modelName, head)
      && contains(entry.kv_heads, head.kv_head) && contains(entry.documents, document));
  }

  /** @param {(entry: ShardEntry) => boolean} fits */
  find(fits) {
    const { shards } = this.manifest;
    return Object.keys(shards).filter((id) => fits(shards[id]));
  }
}

/**
 * @param {ShardEntry} entry
 * @param {string} modelName
 * @param {Head} head
 */
function ofLayer(entry, modelName, head) {
  return entry.model === modelName && entry.stack === head.stack && entry.layer === head.layer;
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
  return model.heads.map((head) => {
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
