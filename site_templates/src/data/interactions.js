/**
 * What scores are made of: a head's components, and the bars of one pair's score. Its twin is
 * generator/attnviz/interactions.py, which has the formulas.
 */
import { biasOf, cap } from './score.js';
import { formatFault } from './shard.js';

/** @import { Bias, Component, Interaction, Rule, ScoreBars, ScorePart } from './types.d.ts' */
/** @import { Catalogue } from './catalogue.js' */
/** @import { Shard } from './shard.js' */
/** @import { ShardStore } from './store.js' */

/** @typedef {Pick<ShardStore, 'load'>} Store */
/** @typedef {{values: Float32Array, turned: Float32Array | null}} Vector before rotary embedding, and after it */

const SIDES = { query: 0, key: 1 };

/**
 * What is known of a head's components, the strongest first; null where nothing is.
 * @param {Catalogue} catalogue
 * @param {Store} store
 * @param {string} modelName
 * @param {string} headId
 * @returns {Promise<Interaction | null>}
 */
export async function interactionOf(catalogue, store, modelName, headId) {
  const head = catalogue.head(modelName, headId);
  const [id] = catalogue.ofLayer('interactions', modelName, head);
  if (!id) return null;
  const ids = catalogue.ofLayer('components', modelName, head)
    .filter((one) => covers(catalogue.entry(one).heads, head));
  const [figures, ...shards] = await Promise.all([id, ...ids].map((one) => store.load(one)));
  const row = figures.numbers('head').indexOf(head.head);
  if (row < 0) throw figures.fault(`it has no head ${head.head}`);
  const number = (/** @type {string} */ name) => {
    const value = figures.columns.has(name) ? figures.value(name, row) : null;
    return value === null ? null : Number(value);
  };
  const meanQuery = figures.needFinite('mean_query', row);
  const size = meanQuery.length;
  return {
    dimensions: number('dimensions') ?? 0, deviation: number('deviation') ?? 0,
    keyDeviation: number('key_deviation') ?? 0, queryDeviation: number('query_deviation') ?? 0,
    totalVariation: number('total_variation'), totalVariation90: number('total_variation_90'),
    contrast: number('contrast'),
    meanQuery, meanKey: figures.needFinite('mean_key', row, size),
    components: shards.flatMap((shard) => [...shard.numbers('head')].flatMap((other, at) => (
      other === head.head ? [componentOf(shard, at, size)] : []))),
  };
}

/** @param {readonly number[] | null | undefined} range [first, end) @param {{head: number}} head */
function covers(range, { head }) {
  return !range || (range[0] <= head && head < range[1]);
}

/** @param {Shard} shard @param {number} row @param {number} size @returns {Component} */
function componentOf(shard, row, size) {
  const contrast = shard.columns.has('contrast') ? shard.value('contrast', row) : null;
  return {
    contrast: contrast === null ? null : Number(contrast),
    share: Number(shard.value('share', row)), strength: Number(shard.value('strength', row)),
    queryWeights: shard.needFinite('query_weights', row, size), keyWeights: shard.needFinite('key_weights', row, size),
    queries: tokensOf(shard, 'query', row), keys: tokensOf(shard, 'key', row),
  };
}

/** @param {Shard} shard @param {'query' | 'key'} side @param {number} row */
function tokensOf(shard, side, row) {
  const texts = [.../** @type {Iterable<string>} */ (shard.value(`${side}_tokens`, row))];
  const loadings = shard.needFinite(`${side}_loadings`, row, texts.length);
  const counts = shard.need(`${side}_counts`, row, texts.length);
  return texts.map((text, i) => ({ text, loading: loadings[i], count: counts[i] }));
}

/**
 * One query's and one key's vectors; null where the document's are not stored.
 * @param {Catalogue} catalogue
 * @param {Store} store
 * @param {string} modelName
 * @param {string} headId
 * @param {{document: number, query: number, key: number}} pair
 * @returns {Promise<{query: Vector, key: Vector} | null>}
 */
export async function pairVectors(catalogue, store, modelName, headId, { document, query, key }) {
  const head = catalogue.head(modelName, headId);
  const ids = catalogue.vectors(modelName, head, document);
  if (ids.length === 0) return null;
  const shards = await Promise.all(ids.map((id) => store.load(id)));
  const find = (/** @type {'query' | 'key'} */ side, /** @type {number} */ number, /** @type {number} */ token) => {
    for (const shard of shards) {
      const vector = vectorIn(shard, { side: SIDES[side], head: number, document, token });
      if (vector) return vector;
    }
    throw formatFault('manifest.json', `${headId} has no vector of ${side} ${token} of document ${document}`);
  };
  return { query: find('query', head.head, query), key: find('key', head.kv_head, key) };
}

/**
 * @param {Shard} shard
 * @param {{side: number, head: number, document: number, token: number}} place
 * @returns {Vector | null}
 */
function vectorIn(shard, { side, head, document, token }) {
  const [sides, heads, documents, starts, rows] =
    ['side', 'head', 'document', 'start', 'rows'].map((name) => shard.numbers(name));
  for (let row = 0; row < shard.rows; row++) {
    const at = token - starts[row];
    const here = sides[row] === side && heads[row] === head && documents[row] === document;
    if (!here || at < 0 || at >= rows[row]) continue;
    const size = shard.needFinite('values', row).length / rows[row];
    const cut = (/** @type {string} */ name) => (
      /** @type {Float32Array} */ (shard.needFinite(name, row, size * rows[row])).slice(at * size, (at + 1) * size));
    return { values: cut('values'), turned: shard.list('turned', row) ? cut('turned') : null };
  }
  return null;
}

/**
 * The parts of the score of a query and a key; their sum is the score before softmax. Only parts that the layer has
 * are there.
 * @param {Interaction} interaction
 * @param {{query: Vector, key: Vector}} vectors
 * @param {Rule} rule
 * @param {Bias | null} bias
 * @param {{query: number, key: number}} pair
 * @returns {ScoreBars}
 */
export function scoreBars({ meanQuery, meanKey, components }, { query, key }, rule, bias, pair) {
  const [q, k] = [less(query.values, meanQuery), less(key.values, meanKey)];
  const { scaling } = rule;
  let rest = dot(q, k);
  /** @type {ScorePart[]} */
  const parts = components.map((component, i) => {
    const [queryLoading, keyLoading] = [dot(component.queryWeights, q), dot(component.keyWeights, k)];
    const value = component.strength * queryLoading * keyLoading;
    rest -= value;
    return { part: 'component', number: i + 1, value: scaling * value, queryLoading, keyLoading };
  });
  const add = (/** @type {ScorePart['part']} */ part, /** @type {number} */ value) => { parts.push({ part, value }); };
  add('rest', scaling * rest);
  add('key', scaling * dot(meanQuery, k));
  add('query', scaling * dot(q, meanKey));
  add('constant', scaling * dot(meanQuery, meanKey));
  let product = dot(query.values, key.values);
  if (query.turned && key.turned) {
    const after = dot(query.turned, key.turned);
    add('rotary', scaling * (after - product));
    product = after;
  }
  const capped = cap(scaling * product, rule.softcap);
  if (rule.softcap !== null) add('soft cap', capped - scaling * product);
  if (bias) add('bias', biasOf(bias, pair.query, pair.key));
  return { parts, score: parts.reduce((sum, { value }) => sum + value, 0) };
}

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} mean */
function less(a, mean) {
  return Float64Array.from(a, (value, i) => value - mean[i]);
}
