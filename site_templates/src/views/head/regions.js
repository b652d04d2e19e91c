/**
 * Regions of a map, named by the types of tokens that are over-represented in them, at every zoom. Pure.
 *
 * The map is cut into squares (cubes) of some side, and once more shifted by half a side along each axis, so that no
 * group of points falls between two. A type names a square where its score (over-representation.js) beats that of
 * every neighbour; squares are smaller, the nearer the eye is.
 * @import { Cloud } from '../../draw/types.js'
 * @import { Types } from './types.js'
 */
import { score } from './over-representation.js';

/**
 * @typedef {object} Region
 * @property {string} name
 * @property {number} score
 * @property {number} points of the type
 * @property {readonly number[]} place the middle of these points, in the unit cube of codes
 */

/** Fewer points of a type name nothing, nor do those that may be chance. */
const LEAST_POINTS = 3;
const LEAST_SCORE = 5;
/** A type names a square where it is so much of the square's points, or where so many of all its points are in it. */
const LEAST_SHARE = 0.12;
const LEAST_PART = 0.5;
const MOST_REGIONS = 400;
/** The finest level: codes have 16 bits. */
export const FINEST = 13;

/**
 * The regions of a whole map, those with the highest score first.
 * @param {Cloud} cloud
 * @param {Types} types
 * @param {number} level squares have a side of 2 ** −level of the unit square's
 * @returns {Region[]}
 */
export function findRegions(cloud, types, level) {
  const squares = countSquares(cloud, types, level);
  const totals = totalsOf(cloud, types);
  /** @type {Map<string, {key: number, score: number, tally: Tally}>} */
  const named = new Map();
  for (const [key, { points, of }] of squares) {
    for (const [type, tally] of of) {
      if (tally.points < LEAST_POINTS || types.places[type]) continue;
      const large = tally.points >= Math.min(LEAST_SHARE * points, LEAST_PART * totals[type]);
      const value = score(tally.points, points, totals[type] / cloud.count);
      if (large && value >= LEAST_SCORE) named.set(`${key} ${type}`, { key, score: value, tally });
    }
  }
  const best = [...named].filter(([name, { key, score: value }]) => {
    const type = name.split(' ')[1];
    return neighboursOf(key, cloud.dimensions).every((other) => (named.get(`${other} ${type}`)?.score ?? 0) <= value);
  });
  const regions = best
    .map(([name, { score: value, tally }]) => ({
      name: types.names[Number(name.split(' ')[1])], score: value, points: tally.points,
      place: tally.sums.map((sum) => sum / tally.points / 65535),
    }))
    .sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
  // The same points may fill two squares equally well.
  const distinct = new Map(regions.map((region) => [`${region.name} ${region.place.join()}`, region]));
  return [...distinct.values()].slice(0, MOST_REGIONS);
}

/** @typedef {{points: number, sums: number[]}} Tally of one type: its points and the sums of their codes */

/** Squares are numbered along each axis, in halves of a side: their number has so many bits an axis. */
const BITS = 15;

/**
 * All squares that hold points, by number.
 * @param {Cloud} cloud
 * @param {Types} types
 * @param {number} level
 */
function countSquares({ positions, dimensions, kinds, points, count }, types, level) {
  /** @type {Map<number, {points: number, of: Map<number, Tally>}>} */
  const squares = new Map();
  const half = 2 ** (level + 1) / 65536;
  for (let vertex = 0; vertex < count; vertex++) {
    const codes = positions.subarray(dimensions * vertex, dimensions * (vertex + 1));
    const type = types.of[kinds[vertex]][points[vertex]];
    // A point lies in two squares along each axis: that which begins in its half, and the one before.
    for (let corner = 0; corner < 2 ** dimensions; corner++) {
      let key = 0;
      for (let k = dimensions - 1; k >= 0; k--) {
        key = key * 2 ** BITS + Math.floor(codes[k] * half) + ((corner >> k) & 1);
      }
      let square = squares.get(key);
      if (!square) squares.set(key, square = { points: 0, of: new Map() });
      square.points++;
      let tally = square.of.get(type);
      if (!tally) square.of.set(type, tally = { points: 0, sums: new Array(dimensions).fill(0) });
      tally.points++;
      for (let k = 0; k < dimensions; k++) tally.sums[k] += codes[k];
    }
  }
  return squares;
}

/** Points of each type among all. @param {Cloud} cloud @param {Types} types */
function totalsOf({ kinds, points, count }, types) {
  const totals = new Uint32Array(types.names.length);
  for (let vertex = 0; vertex < count; vertex++) totals[types.of[kinds[vertex]][points[vertex]]]++;
  return totals;
}

/** Numbers of the squares that overlap one or touch it. @param {number} key @param {number} dimensions */
function neighboursOf(key, dimensions) {
  let keys = [key];
  for (let k = 0; k < dimensions; k++) {
    keys = keys.flatMap((other) => [-2, -1, 0, 1, 2].map((step) => other + step * 2 ** (BITS * k)));
  }
  return keys.filter((other) => other !== key);
}
