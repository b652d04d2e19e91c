/** Map points: one head's map in full, and every head's first points. */

/** @import { HeadMap, Overview } from './types.d.ts' */
/** @import { Shard } from './shard.js' */

/**
 * @param {Shard} shard
 * @param {number} head
 * @param {number} dimensions
 * @param {{queries: number, keys: number}} points in the samples of the two axes
 * @returns {HeadMap}
 */
export function openMap(shard, head, dimensions, points) {
  const row = shard.numbers('head').indexOf(head);
  if (row < 0) throw shard.fault(`there is no map of head ${head}`);
  return {
    dimensions,
    queries: shard.need('queries', row, points.queries * dimensions),
    keys: shard.need('keys', row, points.keys * dimensions),
    lo: shard.needFinite('lo', row, dimensions),
    hi: shard.needFinite('hi', row, dimensions),
    viewLo: shard.needFinite('view_lo', row, dimensions),
    viewHi: shard.needFinite('view_hi', row, dimensions),
  };
}

/**
 * @param {Shard} shard
 * @param {(stack: string, layer: number, head: number) => string} nameOf
 * @param {Set<string>} ids of the model's heads
 * @returns {Overview[]}
 */
export function openOverview(shard, nameOf, ids) {
  return Array.from({ length: shard.rows }, (_, row) => {
    const stack = shard.value('stack', row);
    const layer = shard.value('layer', row);
    const head = shard.value('head', row);
    /** @type {Uint8Array} */
    const queries = shard.need('queries', row);
    /** @type {Uint8Array} */
    const keys = shard.need('keys', row);
    const id = nameOf(stack, layer, head);
    if (!ids.has(id)) throw shard.fault(`row ${row} is of ${id}, a head that the manifest does not have`);
    if (queries.length % 2 || keys.length % 2) throw shard.fault(`row ${row} has half a point`);
    return { id, stack, layer, head, queries, keys };
  });
}
