/**
 * Clouds: queries and keys woven into one drawing order, so that neither kind hides the other
 * and any prefix is a fair sample of both.
 * @import { Cloud } from './types.js'
 */

/** Sizes are counted in these parts of the usual radius, from the least to the most. */
export const SIZE_UNIT = 64;
export const LEAST_SIZE = 0.5;
export const MOST_SIZE = 2.5;

/** @param {number} factor of the usual radius @returns {number} as `Cloud.sizes` has it */
export function sizeCode(factor) {
  return Math.round(SIZE_UNIT * Math.min(Math.max(factor, LEAST_SIZE), MOST_SIZE));
}

/** The factor of a point's radius. @param {Cloud} cloud @param {number} vertex */
export function sizeOf({ sizes }, vertex) {
  return sizes ? sizes[vertex] / SIZE_UNIT : 1;
}

/**
 * A cloud of zeros, to be written into.
 * @param {number} count vertices
 * @param {boolean} wide 16 bits per coordinate, else 8
 * @param {2 | 3} [dimensions]
 * @returns {Cloud}
 */
export function emptyCloud(count, wide, dimensions = 2) {
  return {
    positions: wide ? new Uint16Array(dimensions * count) : new Uint8Array(dimensions * count),
    dimensions,
    kinds: new Uint8Array(count),
    paint: new Uint8Array(count),
    points: new Uint32Array(count),
    count,
  };
}

/**
 * Writes one head's points into a cloud, from vertex `first` on.
 * @param {Cloud} cloud
 * @param {number} first
 * @param {ArrayLike<number>} queries as many codes per point as the cloud has dimensions
 * @param {ArrayLike<number>} keys
 * @returns {number} vertices written
 */
export function weave(cloud, first, queries, keys) {
  const { dimensions } = cloud;
  const counts = [queries.length / dimensions, keys.length / dimensions];
  const next = [0, 0];
  const total = counts[0] + counts[1];
  for (let i = 0; i < total; i++) {
    // Whichever kind is further behind its share comes next: they alternate where they are equally many.
    const kind = next[0] * counts[1] <= next[1] * counts[0] && next[0] < counts[0] ? 0 : 1;
    const codes = kind === 0 ? queries : keys;
    const point = next[kind]++;
    const vertex = first + i;
    for (let k = 0; k < dimensions; k++) cloud.positions[dimensions * vertex + k] = codes[dimensions * point + k];
    cloud.kinds[vertex] = kind;
    cloud.paint[vertex] = kind;
    cloud.points[vertex] = point;
  }
  return total;
}

/**
 * Orders the vertices of a part of a cloud by group; within a group they keep their order.
 * @param {Cloud} cloud
 * @param {{first: number, count: number}} part
 * @param {number} groups how many there are
 * @param {(vertex: number) => number} groupOf from 0 on
 * @returns {number[]} how many vertices each group has
 */
export function groupVertices(cloud, { first, count }, groups, groupOf) {
  const groupsOf = Uint8Array.from({ length: count }, (_, i) => groupOf(first + i));
  const counts = Array.from({ length: groups }, () => 0);
  for (const group of groupsOf) counts[group]++;
  if (counts[0] === count) return counts;

  // Where the next vertex of each group goes.
  const next = counts.map((_, group) => counts.slice(0, group).reduce((sum, value) => sum + value, 0));
  const places = Uint32Array.from(groupsOf, (group) => next[group]++);
  for (const [values, size] of /** @type {const} */ ([
    [cloud.positions, cloud.dimensions], [cloud.kinds, 1], [cloud.paint, 1], [cloud.points, 1],
  ])) {
    const before = values.slice(first * size, (first + count) * size);
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < size; k++) values[(first + places[i]) * size + k] = before[i * size + k];
    }
  }
  return counts;
}

/**
 * Some vertices of a cloud as one of their own, painted as they are.
 * @param {Cloud} cloud
 * @param {ArrayLike<number>} vertices
 */
export function partOf(cloud, vertices) {
  const { dimensions, positions } = cloud;
  const part = emptyCloud(vertices.length, positions instanceof Uint16Array, dimensions);
  for (let i = 0; i < vertices.length; i++) {
    const from = dimensions * vertices[i];
    for (let k = 0; k < dimensions; k++) part.positions[dimensions * i + k] = positions[from + k];
    part.kinds[i] = cloud.kinds[vertices[i]];
    part.paint[i] = cloud.paint[vertices[i]];
    part.points[i] = cloud.points[vertices[i]];
  }
  if (cloud.sizes) part.sizes = Uint8Array.from(vertices, (vertex) => cloud.sizes?.[vertex] ?? SIZE_UNIT);
  return part;
}

/** The vertex of each point of one kind: the way back from `points`. @param {Cloud} cloud @param {number} kind */
export function verticesOf(cloud, kind) {
  let last = -1;
  for (let v = 0; v < cloud.count; v++) if (cloud.kinds[v] === kind && cloud.points[v] > last) last = cloud.points[v];
  const vertices = new Uint32Array(last + 1);
  for (let v = 0; v < cloud.count; v++) if (cloud.kinds[v] === kind) vertices[cloud.points[v]] = v;
  return vertices;
}

/** The largest code: positions divided by it lie in [0, 1]. @param {Cloud} cloud */
export function fullScale(cloud) {
  return cloud.positions instanceof Uint8Array ? 255 : 65535;
}
