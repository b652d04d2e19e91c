/**
 * What the points of a map are, as types: the vocabulary's pieces, or the places of patches.
 * @import { MapData } from './data.js'
 * @import { Context } from '../../parts/types.js'
 */
import { sampledTokens } from '../../parts/color/values.js';
import { nameToken, nameType } from '../../parts/names.js';

/**
 * @typedef {object} Types
 * @property {readonly string[]} names of each type
 * @property {readonly boolean[]} places whether a type is a patch's place, not a name
 * @property {readonly [Uint32Array, Uint32Array]} of the type of each query and of each key of the sample
 */

/** @typedef {Map<string, number>} Indices */

/** Types are the same in every head with the same axes. @type {WeakMap<object, Map<string, Promise<Types>>>} */
const kept = new WeakMap();

/** @param {Pick<Context, 'report'>} context @param {MapData} data @returns {Promise<Types>} */
export function loadTypes({ report }, data) {
  const types = kept.get(report) ?? new Map();
  kept.set(report, types);
  const key = JSON.stringify([data.model, ...data.axes.map(({ name }) => name)]);
  if (!types.has(key)) {
    const loading = readTypes(report, data);
    // What failed is tried again.
    loading.catch(() => types.delete(key));
    types.set(key, loading);
  }
  return types.get(key);
}

/** @param {Context['report']} report @param {MapData} data @returns {Promise<Types>} */
async function readTypes(report, { model, axes }) {
  /** @type {Indices} */
  const indices = new Map();
  /** @type {boolean[]} */
  const places = [];
  const [queries, keys] = axes;
  const ofQueries = await typesOf(report, model, queries, indices, places);
  const ofKeys = queries.name === keys.name ? ofQueries : await typesOf(report, model, keys, indices, places);
  return { names: [...indices.keys()], places, of: [ofQueries, ofKeys] };
}

/**
 * @param {Context['report']} report
 * @param {string} model
 * @param {MapData['axes'][number]} axis
 * @param {Indices} indices of types by name; new ones are added
 * @param {boolean[]} places as `Types` has them; new ones are added
 */
async function typesOf(report, model, axis, indices, places) {
  const { layout, sample } = axis;
  const tokens = await sampledTokens(report, model, axis);
  return Uint32Array.from(sample, (place) => {
    const { document, token } = layout.locate(place);
    const texts = /** @type {import('../../data/types.js').Tokens} */ (tokens.get(document));
    const isPlace = texts.row[token] >= 0;
    const name = !isPlace ? nameType(texts, token) : nameToken(texts, token);
    let index = indices.get(name);
    if (index === undefined) {
      indices.set(name, index = indices.size);
      places.push(isPlace);
    }
    return index;
  });
}
