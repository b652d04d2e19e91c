/**
 * What lies in the selected part of a map: its points, and how over-represented each type of token is among them.
 * @import { Selection } from '../../state/types.js'
 * @import { Context } from '../../parts/types.js'
 * @import { Area } from './area.js'
 * @import { Focus, MapData } from './data.js'
 * @import { Excess } from './over-representation.js'
 * @import { Types } from './types.js'
 */
import { nearestVertices, readArea, verticesIn } from './area.js';
import { kindOf } from './data.js';
import { excesses } from './over-representation.js';
import { loadTypes } from './types.js';

/**
 * @typedef {object} Inside
 * @property {Area} area
 * @property {Uint32Array} vertices in the area
 * @property {Uint32Array} lit those that stand out: of the marked type, or all
 * @property {readonly [number, number]} counts of queries and of keys
 * @property {readonly [Excess[], Excess[]]} rows of the queries' and of the keys' types
 * @property {Types} types
 */

/**
 * @param {Pick<Context, 'report'>} context
 * @param {Selection} selection
 * @param {MapData} data
 * @param {Focus | undefined} focus
 * @returns {Promise<Inside | undefined>} undefined where nothing is selected, or no point that others could be near to
 */
export async function loadInside(context, { area: text, mark, token, side }, data, focus) {
  const { cloud, map } = data;
  const area = readArea(text, map.dimensions === 3);
  if (!area) return undefined;
  const centre = token === null ? undefined : focus?.vertices[kindOf(side)].get(token);
  if (area.kind === 'near' && centre === undefined) return undefined;
  const vertices = area.kind === 'near' ? nearestVertices(cloud, map, centre ?? 0, area.neighbours)
    : verticesIn(area, cloud, map);
  const types = await loadTypes(context, data);
  const points = [0, 1].map((kind) => vertices.filter((vertex) => cloud.kinds[vertex] === kind)
    .map((vertex) => cloud.points[vertex]));
  const rows = points.map((list, kind) => excesses(types.of[kind], list, types.names.length));
  const marked = readMark(mark, types);
  const lit = marked ? vertices.filter((vertex) => cloud.kinds[vertex] === marked.kind
    && types.of[marked.kind][cloud.points[vertex]] === marked.type) : vertices;
  return {
    area, vertices, types, lit: lit.length > 0 ? lit : vertices,
    counts: [points[0].length, points[1].length], rows: [rows[0], rows[1]],
  };
}

/** The link's text of a type. @param {0 | 1} kind @param {string} name */
export function writeMark(kind, name) {
  return `${kind === 0 ? 'query' : 'key'} ${name}`;
}

/** @param {string} mark @param {Types} types @returns {{kind: 0 | 1, type: number} | undefined} */
function readMark(mark, { names }) {
  for (const kind of /** @type {const} */ ([0, 1])) {
    const before = writeMark(kind, '');
    const type = mark.startsWith(before) ? names.indexOf(mark.slice(before.length)) : -1;
    if (type >= 0) return { kind, type };
  }
  return undefined;
}
