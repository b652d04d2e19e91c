/** Scores that a corpus has of parts of a document's text, and the colours that they are drawn in. */
import { covers } from './by-document.js';

/** @import { Manifest, ScoreRow, Tokens } from './types.d.ts' */
/** @import { Shard } from './shard.js' */
/** @import { ShardStore } from './store.js' */

/**
 * The rows of scores of a document; none where it has none.
 * @param {Manifest} manifest @param {ShardStore} store @param {number} document
 * @returns {Promise<ScoreRow[]>}
 */
export async function documentScores({ documents, shards }, store, document) {
  const id = (documents.scores ?? []).find((name) => covers(shards[name]?.documents, document));
  if (id === undefined) return [];
  const shard = await store.load(id);
  const rows = Array.from(shard.numbers('document'), (number, row) => (number === document ? row : -1));
  return rows.filter((row) => row >= 0).map((row) => openRow(shard, row));
}

/** @param {Shard} shard @param {number} row @returns {ScoreRow} */
function openRow(shard, row) {
  /** @type {Float64Array} */
  const scores = shard.needFinite('score', row);
  /** @type {Uint8Array} */
  const codes = shard.need('colors', row);
  /** @param {string} name @returns {any} */
  const value = (name) => shard.value(name, row);
  if (codes.length === 0 || codes.length % 3 !== 0) throw shard.fault(`row ${row} has no whole colours`);
  return {
    title: value('title'), cmap: value('cmap'), alpha: value('alpha'), low: value('low'), high: value('high'),
    least: value('least_score'), mean: value('mean_score'), most: value('most_score'), scores,
    starts: shard.need('start', row, scores.length), ends: shard.need('end', row, scores.length),
    colors: Array.from({ length: codes.length / 3 }, (_, i) => [codes[3 * i], codes[3 * i + 1], codes[3 * i + 2]]),
  };
}

/**
 * The score of each token: that of the first part with which it shares a character; NaN where there is none.
 * @param {Pick<Tokens, 'start' | 'end'>} tokens @param {Pick<ScoreRow, 'starts' | 'ends' | 'scores'>} row
 */
export function scoresOfTokens({ start, end }, { starts, ends, scores }) {
  return Float64Array.from(start, (first, token) => {
    if (first < 0) return NaN;
    let [low, high] = [0, ends.length];
    // The first part that ends after the token begins.
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle] > first) high = middle;
      else low = middle + 1;
    }
    return low < starts.length && starts[low] < end[token] ? scores[low] : NaN;
  });
}

/** The number of a score's colour, as matplotlib's Normalize and colour maps have it. @param {ScoreRow} row
 * @param {number} score */
export function colorOf({ low, high, colors }, score) {
  const place = high > low ? Math.floor(((score - low) / (high - low)) * colors.length) : 0;
  return Math.min(Math.max(place, 0), colors.length - 1);
}
