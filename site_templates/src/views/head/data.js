/**
 * What the head view draws, gathered: one head's map as a cloud, and where a document's tokens lie in it.
 * @import { Attention, AxisLayout, HeadMap, Tokens } from '../../data/types.js'
 * @import { Cloud } from '../../draw/types.js'
 * @import { Partner } from '../../parts/strongest.js'
 * @import { Selection, Side } from '../../state/types.js'
 * @import { Context, Head } from '../../parts/types.js'
 */
import { emptyCloud, verticesOf, weave } from '../../draw/cloud.js';
import { strongest } from '../../parts/strongest.js';

/**
 * @typedef {object} AxisPoints one axis of the map: 0 queries, 1 keys
 * @property {string} name
 * @property {AxisLayout} layout
 * @property {Uint32Array} sample token of each point, in corpus order
 * @property {Uint32Array} vertices vertex of each point
 */
/** No line shows less, even where none is asked to be left out. */
const LEAST_WEIGHT = 1e-6;

/**
 * @typedef {{model: string, inSeries: boolean, head: Head, map: HeadMap, cloud: Cloud,
 *   axes: [AxisPoints, AxisPoints]}} MapData `inSeries`: of a model of a series, all of which read the same tokens
 */
/**
 * @typedef {object} Focus the selected document and token in the map
 * @property {number} document
 * @property {[Tokens, Tokens]} tokens of the queries' and of the keys' axis
 * @property {[Map<number, number>, Map<number, number>]} vertices vertex of each of the document's sampled tokens
 * @property {boolean} kept whether the document's attention is stored
 * @property {Attention | undefined} attention where a token is selected
 * @property {Partner[]} partners strongest first
 */

/**
 * Whether two maps place the same points, in the same order: one can become the other.
 * @param {MapData} a
 * @param {MapData} b
 */
export function samePoints(a, b) {
  return (a.model === b.model || (a.inSeries && b.inSeries))
    && a.axes.every(({ name }, kind) => name === b.axes[kind].name) && a.cloud.count === b.cloud.count;
}

/** A side's place in `axes` and in `kinds`. @param {Side} side @returns {0 | 1} */
export function kindOf(side) {
  return side === 'query' ? 0 : 1;
}

/** @param {Context} context @param {Selection} selection @returns {Promise<MapData>} */
export async function loadMap({ report }, { model, head: id, map: mapId }) {
  const head = report.head(model, id);
  if (!head) throw new RangeError(`This report has no head ${id}.`);
  const names = [head.stackInfo.query_axis, head.stackInfo.key_axis];
  const [map, ...axes] = await Promise.all([report.map(model, id, mapId),
    ...names.flatMap((name) => [report.axis(model, name), report.sample(model, name)])]);
  const cloud = emptyCloud((map.queries.length + map.keys.length) / map.dimensions, true, map.dimensions === 3 ? 3 : 2);
  weave(cloud, 0, map.queries, map.keys);
  const points = names.map((name, kind) => ({
    name,
    layout: /** @type {AxisLayout} */ (axes[2 * kind]),
    sample: /** @type {Uint32Array} */ (axes[2 * kind + 1]),
    vertices: verticesOf(cloud, kind),
  }));
  const inSeries = Boolean(report.model(model)?.series);
  return { model, inSeries, head, map, cloud, axes: [points[0], points[1]] };
}

/**
 * @param {Context} context
 * @param {Selection} selection with a document
 * @param {MapData} data
 * @returns {Promise<Focus>}
 */
export async function loadFocus({ report }, { model, head, doc, token, side, ties, least }, data) {
  const document = /** @type {number} */ (doc);
  const kept = await report.keeps(model, document);
  const [queries, keys, attention] = await Promise.all([
    report.tokens(model, data.axes[0].name, document),
    report.tokens(model, data.axes[1].name, document),
    token === null || !kept ? undefined : report.attention(model, head, document),
  ]);
  const vertices = data.axes.map((axis) => documentVertices(axis, document));
  return {
    document,
    tokens: [queries, keys],
    vertices: [vertices[0], vertices[1]],
    kept,
    attention,
    partners: attention && token !== null && token < (side === 'query' ? attention.queries : attention.keys)
      ? strongest(side === 'query' ? attention.row(token) : attention.column(token),
        Math.max(least, LEAST_WEIGHT), ties) : [],
  };
}

/** @param {AxisPoints} axis @param {number} document @returns {Map<number, number>} token → vertex */
function documentVertices({ layout, sample, vertices }, document) {
  const first = layout.offsets[document];
  const length = layout.lengths[document];
  /** @type {Map<number, number>} */
  const vertexOf = new Map();
  for (let point = 0; point < sample.length; point++) {
    const token = sample[point] - first;
    if (token >= 0 && token < length) vertexOf.set(token, vertices[point]);
  }
  return vertexOf;
}

/**
 * The token that a point stands for, and the side that it is seen from.
 * @param {MapData} data
 * @param {number} vertex
 */
export function whatIsAt({ cloud, axes }, vertex) {
  const kind = /** @type {0 | 1} */ (cloud.kinds[vertex]);
  const point = cloud.points[vertex];
  const axis = axes[kind];
  /** @type {Side} */
  const side = kind === 0 ? 'query' : 'key';
  return { kind, side, axis, point, ...axis.layout.locate(axis.sample[point]) };
}
