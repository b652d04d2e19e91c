/**
 * How much of the attention of one part of a document goes to another, in one number for each head.
 * @import { Selection } from '../../state/types.js'
 * @import { Texts } from '../../parts/document-texts.js'
 * @import { makeShares, Rows } from '../../parts/token-shares.js'
 */
import { partsInWords, partsOf } from '../../parts/text-parts.js';
import { plural } from '../../parts/numbers.js';

/** Milliseconds of work between two rests. */
const LONGEST_WORK = 12;

/**
 * The share, the mean over the queries of one part of what each gives to the keys of the other, as a picture of one
 * cell. Queries that see nothing do not count, nor do special tokens where they are left out.
 * @param {ReturnType<typeof makeShares>} shares @param {Texts} texts @param {Pick<Selection, 'hide' | 'parts'>} how
 * @returns {Promise<Rows & {share: number}>}
 */
export async function partShare(shares, texts, { hide, parts }) {
  const part = partsOf(texts, parts);
  let [sum, count, until] = [0, 0, performance.now() + LONGEST_WORK];
  for (const [query, segment] of texts.queries.segment.entries()) {
    if (segment !== part.query || (hide && texts.queries.special[query])) continue;
    const { values } = shares.row(query, hide);
    if (values.every(Number.isNaN)) continue;
    count++;
    values.forEach((value, key) => {
      if (texts.keys.segment[key] === part.key && value > 0) sum += value;
    });
    if (performance.now() < until) continue;
    await new Promise((resolve) => { setTimeout(resolve); });
    until = performance.now() + LONGEST_WORK;
  }
  const share = sum / count;
  return { queries: 1, keys: 1, share, row: () => Float64Array.of(share || 0) };
}

/** What the numbers are, as a sentence. @param {Texts} texts @param {Selection['parts']} parts */
export function shareInWords(texts, parts) {
  const { query } = partsOf(texts, parts);
  const queries = texts.queries.segment.filter((segment) => segment === query).length;
  return `How much of its attention each head gives from ${partsInWords(texts, parts)}: the mean over `
    + `${plural(queries, 'query', 'queries')}, of those that see anything; every cell has the same scale`;
}
