/**
 * Which points of maps stand out because they are found.
 * @import { Head } from '../data/types.js'
 * @import { Selection } from '../state/types.js'
 * @import { Hits } from './search/hits.js'
 * @import { Context } from './types.js'
 */

/** @typedef {(head: Head, kind: 0 | 1, point: number) => boolean} MarksPoint kind: 0 a query, 1 a key */
/**
 * @typedef {object} Marks
 * @property {MarksPoint | undefined} lit undefined: there is no search
 * @property {Hits | undefined} hits
 */

/** @type {Marks} */
export const NO_MARKS = { lit: undefined, hits: undefined };

/** The marks of one selection after another; the same object as long as they are the same. @param {Context} context */
export function createMarks({ report, search }) {
  /** @type {{hits: Hits, model: string, marks: Marks} | undefined} */
  let latest;
  return {
    /**
     * Without a search where its pattern is wrong: its box says so.
     * @param {Selection} selection @returns {Promise<Marks>}
     */
    async load(selection) {
      const { model } = selection;
      const hits = await search.load(selection).catch(() => undefined);
      if (!hits || hits.all.length === 0) return NO_MARKS;
      if (latest?.hits === hits && latest.model === model) return latest.marks;
      const marks = await markHits(report, model, hits);
      latest = { hits, model, marks };
      return marks;
    },
  };
}

/** @param {Context['report']} report @param {string} model @param {Hits} hits @returns {Promise<Marks>} */
async function markHits(report, model, hits) {
  const axes = (report.model(model)?.axes ?? []).map(({ name }) => name).filter((axis) => hits.lit(axis));
  const samples = await Promise.all(axes.map((axis) => report.sample(model, axis)));
  /** For each point of an axis whether its token is found. @type {Map<string, Uint8Array>} */
  const pointsOf = new Map(axes.map((axis, i) => {
    const tokens = /** @type {Uint8Array} */ (hits.lit(axis));
    return [axis, Uint8Array.from(samples[i], (token) => tokens[token])];
  }));
  return {
    hits,
    lit: ({ stackInfo }, kind, point) => (
      pointsOf.get(kind === 0 ? stackInfo.query_axis : stackInfo.key_axis)?.[point] === 1),
  };
}
