/** The scores that a document's text came with, as its tokens or words have them. */
import { scoresOfTokens } from '../data/scores.js';

/** @import { ScoreRow } from '../data/types.js' */
/** @import { Texts } from './document-texts.js' */
/** @import { Context } from './types.js' */

/** @typedef {{row: ScoreRow, values: Float64Array}} Scored a row, and the score of each token or word; NaN for none */

/**
 * @param {Pick<Context, 'report'>} context
 * @param {Texts} loaded with its tokens @param {Texts} texts as it is shown
 * @returns {Promise<Scored[]>} none where queries and keys are of two texts
 */
export async function loadScores({ report }, loaded, texts) {
  if (!texts.same) return [];
  const rows = await report.scores(texts.document);
  return rows.map((row) => {
    const scores = scoresOfTokens(loaded.queries, row);
    return { row, values: texts.joined ? meansOfWords(scores, texts.words.query.starts) : scores };
  });
}

/** The mean of those tokens of each word that have a score. @param {Float64Array} scores
 * @param {ArrayLike<number>} starts */
function meansOfWords(scores, starts) {
  return Float64Array.from({ length: starts.length - 1 }, (_, word) => {
    const scored = scores.slice(starts[word], starts[word + 1]).filter((score) => !Number.isNaN(score));
    return scored.length === 1 ? scored[0] : scored.reduce((sum, score) => sum + score, 0) / scored.length;
  });
}
