/** What heads add to their scores: by the distance of key and query, or by their places in a table. */
import { formatFault } from './shard.js';

/** @import { Bias, BiasTable } from './types.d.ts' */
/** @import { Shard } from './shard.js' */

/**
 * One head's bias, in an array of its own: documents share it, and the shard may go.
 * @param {Shard} shard
 * @param {number} head
 * @param {BiasTable} entry
 * @param {Uint16Array} [places] of the axis's tokens in their windows
 * @returns {Bias}
 */
export function openBias(shard, head, { kind, size }, places) {
  if (kind !== 'relative' && kind !== 'table') {
    throw formatFault('manifest.json', `there is no kind of bias called ${kind}`);
  }
  if (kind === 'relative' && size % 2 === 0) {
    throw formatFault('manifest.json', `a relative bias has ${size} distances, which is no odd number`);
  }
  const row = shard.numbers('head').indexOf(head);
  if (row < 0) throw shard.fault(`there is no bias of head ${head}`);
  const values = /** @type {Float32Array} */ (shard.need('values', row, kind === 'table' ? size * size : size));
  return { kind, size, values: values.slice(), places: kind === 'table' ? places?.slice() : undefined };
}

/**
 * A table has a place for every token of a document, or of a window; distances beyond the reach of a relative bias
 * count as its reach.
 * @param {Bias | null} bias
 * @param {number} queries
 * @param {number} keys
 * @param {string} where for the message
 */
export function checkReach(bias, queries, keys, where) {
  if (bias?.kind !== 'table') return;
  const [tokens, reach] = [Math.max(queries, keys), bias.places?.length ?? bias.size];
  if (tokens > reach) throw formatFault('manifest.json', `${where} has ${tokens} tokens, its table of biases ${reach}`);
  if (bias.places?.some((place) => place >= bias.size)) {
    throw formatFault('manifest.json', `${where} has tokens in places beyond its table of ${bias.size}`);
  }
}
