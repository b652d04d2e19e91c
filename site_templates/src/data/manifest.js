/**
 * The manifest proved before use: every part is what the format says, numbers are numbers, and what is named is there.
 * A manifest may come from anybody; what passes here can be shown without a look at each value.
 */
import { PARTS } from '../format/parts.js';
import { headName } from './catalogue.js';
import { formatFault } from './shard.js';
import { checkFormat } from './version.js';

/** @import { Manifest, Model, ShardEntry } from './types.d.ts' */
/** @import { Kind } from '../format/parts.js' */

const PLAIN = {
  text: (/** @type {unknown} */ value) => typeof value === 'string',
  integer: (/** @type {unknown} */ value) => Number.isSafeInteger(value) && Number(value) >= 0,
  number: Number.isFinite,
  flag: (/** @type {unknown} */ value) => typeof value === 'boolean',
  null: (/** @type {unknown} */ value) => value === null,
};

/**
 * @param {unknown} content what manifest.json holds
 * @returns {Manifest}
 * @throws {DataError} naming the place of the first thing that is not so
 */
export function checkManifest(content) {
  const { format, format_version: version } = /** @type {Manifest} */ (content ?? {});
  checkFormat(format, version, 'manifest.json');
  const fault = partFault(content, 'Manifest', '');
  if (fault) throw formatFault('manifest.json', fault);
  return /** @type {Manifest} */ (content);
}

/**
 * A manifest whose parts are so, with what its tables say: whether what is named is there.
 * @param {Manifest} manifest
 * @throws {DataError} naming the first thing that is not so
 */
export function checkReferences(manifest) {
  const fault = referenceFault(manifest);
  if (fault) throw formatFault('manifest.json', fault);
  return manifest;
}

/**
 * What is wrong with a value, in words; '' if nothing is.
 * @param {unknown} value
 * @param {Kind} kind
 * @param {string} place
 * @returns {string}
 */
function valueFault(value, kind, place) {
  if (typeof kind === 'string') {
    if (Object.hasOwn(PARTS, kind)) return partFault(value, kind, place);
    return PLAIN[/** @type {keyof typeof PLAIN} */ (kind)](value) ? '' : `${place} is no ${kind}`;
  }
  const [word, ...rest] = kind;
  const kinds = /** @type {Kind[]} */ (rest);
  if (word === 'values') return rest.includes(value) ? '' : `${place} is none of ${rest.join(', ')}`;
  if (word === 'any') {
    const faults = kinds.map((one) => valueFault(value, one, place));
    return faults.every(Boolean) ? faults[0] : '';
  }
  if (word === 'map') {
    if (!isObject(value)) return `${place} is no object`;
    return first(Object.entries(value), ([key, item]) => valueFault(item, kinds[0], `${place}.${key}`));
  }
  if (!Array.isArray(value)) return `${place} is no list`;
  if (word === 'tuple' && value.length !== kinds.length) return `${place} has not ${kinds.length} items`;
  return first([...value.entries()], ([i, item]) => (
    valueFault(item, word === 'tuple' ? kinds[i] : kinds[0], `${place}.${i}`)));
}

/** @param {unknown} value @param {string} name of the part @param {string} place */
function partFault(value, name, place) {
  if (!isObject(value)) return `${place || 'it'} is no object`;
  return first(Object.entries(PARTS[name]), ([marked, kind]) => {
    const key = marked.replace('?', '');
    const path = place ? `${place}.${key}` : key;
    if (Object.hasOwn(value, key)) return valueFault(value[key], kind, path);
    return key === marked ? `${path} is missing` : '';
  });
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The first fault of any.
 * @template T
 * @param {T[]} items
 * @param {(item: T) => string} faultOf
 */
function first(items, faultOf) {
  for (const item of items) {
    const fault = faultOf(item);
    if (fault) return fault;
  }
  return '';
}

/**
 * What is named and not there, or is not as long as it is said to be.
 * @param {Manifest} manifest
 */
function referenceFault(manifest) {
  const { models, documents, shards } = manifest;
  if (models.length === 0) return 'models: there is none';
  if (new Set(models.map(({ name }) => name)).size < models.length) return 'models: two have one name';
  const stored = rowsOf(shards, documents.shards);
  if (stored !== documents.count) return `documents.count is ${documents.count}, its shards have ${stored}`;
  const split = [documents.shards, ...models.flatMap(({ axes }) => axes.map((axis) => axis.shards)),
    ...models.flatMap(({ rules }) => rules.flatMap(({ mask }) => (mask.shards ? [mask.shards] : [])))];
  return first(split, (ids) => rangeFault(shards, ids, documents.count)) || first(models, (model) => {
    const fault = modelFault(model, shards) || headFault(model, documents.groups.length);
    return fault && `${model.name}: ${fault}`;
  });
}

/** @param {Record<string, ShardEntry>} shards @param {string[]} ids */
function rowsOf(shards, ids) {
  return ids.reduce((rows, id) => rows + (Object.hasOwn(shards, id) ? shards[id].rows : 0), 0);
}

/**
 * Shards that are split by documents have each document once, in order; of documents and masks, a row for each.
 * @param {Record<string, ShardEntry>} shards
 * @param {string[]} ids
 * @param {number} count of documents
 */
function rangeFault(shards, ids, count) {
  let next = 0;
  for (const id of ids) {
    const entry = Object.hasOwn(shards, id) ? shards[id] : undefined;
    if (!entry) return `it names a shard ${id} that is not there`;
    const [start, end] = entry.documents ?? [0, 0];
    if (start !== next || end <= start) return `shard ${id} has documents ${start} to ${end} after ${next}`;
    const rows = entry.kind === 'tokens' ? entry.rows : end - start;
    if (entry.rows !== rows) return `shard ${id} has ${entry.rows} rows of ${rows}`;
    next = end;
  }
  return ids.length === 0 || next === count ? '' : `shards ${ids.join(', ')} have ${next} of ${count} documents`;
}

/** @param {Model} model @param {Record<string, ShardEntry>} shards */
function modelFault({ axes, stacks }, shards) {
  if (axes.length === 0 || stacks.length === 0) return 'it has no axis or no stack';
  const names = axes.map(({ name }) => name);
  return first(stacks, ({ name, query_axis: queries, key_axis: keys }) => {
    const other = [queries, keys].find((axis) => !names.includes(axis));
    return other === undefined ? '' : `stack ${name} names an axis ${other} that is not there`;
  }) || first(axes, ({ name, tokens, sample, shards: ids }) => {
    const [stored, places] = [rowsOf(shards, ids), rowsOf(shards, [sample.shard])];
    if (tokens !== stored) return `axis ${name} has ${tokens} tokens, its shards have ${stored}`;
    return sample.count === places ? '' : `axis ${name} has ${sample.count} points, its sample has ${places}`;
  });
}

/** @param {Model} model @param {number} groups of documents */
function headFault(model, groups) {
  const { heads = [], stacks, rules, biases = [], maps, statistics } = model;
  if (heads.length === 0) return 'it has no heads';
  const ids = new Set(heads.map(({ stack, layer, head }) => headName(model, stack, layer, head)));
  if (ids.size < heads.length) return 'two heads have one name';
  const [stackNames, mapNames] = [stacks.map(({ name }) => name), maps.map(({ id }) => id)];
  return first(heads, (head) => {
    const where = headName(model, head.stack, head.layer, head.head);
    if (!stackNames.includes(head.stack)) return `${where} names a stack ${head.stack} that is not there`;
    if (head.rule >= rules.length) return `${where} names rule ${head.rule} of ${rules.length}`;
    if ((head.bias ?? -1) >= biases.length) return `${where} names bias ${head.bias} of ${biases.length}`;
    if (head.encodings.length !== groups) return `${where} has ${head.encodings.length} encodings for ${groups} groups`;
    const lacking = statistics.find(({ name }) => !Object.hasOwn(head.statistics, name));
    if (lacking) return `${where} has no ${lacking.name}`;
    const other = Object.keys(head.maps).find((id) => !mapNames.includes(id));
    return other === undefined ? '' : `${where} has a map ${other} that is not there`;
  });
}
