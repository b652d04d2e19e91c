/**
 * Which points of maps stand out because they are found, and which are left out as special tokens and sinks.
 * @import { Head } from '../data/types.js'
 * @import { Selection } from '../state/types.js'
 * @import { Hits } from './search/hits.js'
 * @import { Context } from './types.js'
 */
import { isSink, sinksOf } from '../state/sinks.js';
import { openPoints, sampledTokens } from './color/values.js';

/** @typedef {(head: Head, kind: 0 | 1, point: number) => boolean} MarksPoint kind: 0 a query, 1 a key */
/**
 * @typedef {object} Marks
 * @property {MarksPoint | undefined} lit undefined: there is no search
 * @property {MarksPoint | undefined} hidden undefined: nothing is left out
 * @property {Hits | undefined} hits
 */

/** @type {Marks} */
export const NO_MARKS = { lit: undefined, hidden: undefined, hits: undefined };

/** The marks of one selection after another; the same object as long as they are the same. @param {Context} context */
export function createMarks({ report, search }) {
  /** @type {{hits: Hits | undefined, key: string, marks: Marks} | undefined} */
  let latest;
  return {
    /**
     * Without a search where its pattern is wrong: its box says so.
     * @param {Selection} selection @param {boolean} [searched] whether what is searched for is lit
     * @returns {Promise<Marks>}
     */
    async load(selection, searched = true) {
      const { model, hide } = selection;
      const result = searched ? await search.load(selection).catch(() => undefined) : undefined;
      const hits = result && result.all.length > 0 ? result : undefined;
      if (!hits && !hide) return NO_MARKS;
      const key = `${model} ${hide}`;
      if (latest && latest.hits === hits && latest.key === key) return latest.marks;
      /** @type {Marks} */
      const marks = {
        hits,
        lit: hits && await litPoints(report, model, hits),
        hidden: hide ? await hiddenPoints(report, model) : undefined,
      };
      latest = { hits, key, marks };
      return marks;
    },
  };
}

/** @param {Head} head @param {0 | 1} kind */
function axisOf({ stackInfo }, kind) {
  return kind === 0 ? stackInfo.query_axis : stackInfo.key_axis;
}

/** @param {Context['report']} report @param {string} model @param {Hits} hits @returns {Promise<MarksPoint>} */
async function litPoints(report, model, hits) {
  const axes = (report.model(model)?.axes ?? []).map(({ name }) => name).filter((axis) => hits.lit(axis));
  const samples = await Promise.all(axes.map((axis) => report.sample(model, axis)));
  /** For each point of an axis whether its token is found. @type {Map<string, Uint8Array>} */
  const pointsOf = new Map(axes.map((axis, i) => {
    const tokens = /** @type {Uint8Array} */ (hits.lit(axis));
    return [axis, Uint8Array.from(samples[i], (token) => tokens[token])];
  }));
  return (head, kind, point) => pointsOf.get(axisOf(head, kind))?.[point] === 1;
}

/**
 * Special tokens, as queries and as keys, and the keys that are a head's sinks.
 * @param {Context['report']} report @param {string} model
 * @returns {Promise<MarksPoint>}
 */
async function hiddenPoints(report, model) {
  const { axes = [], separator } = report.model(model) ?? {};
  const points = await Promise.all(axes.map(async ({ name }) => {
    const opened = await openPoints(report, model, name);
    const tokens = await sampledTokens(report, model, opened);
    return Array.from(opened.sample, (index) => {
      const { document, token: place } = opened.layout.locate(index);
      const of = tokens.get(document);
      return { place, id: of?.ids[place] ?? -1, special: of?.special[place] === true };
    });
  }));
  const pointsOf = new Map(axes.map(({ name }, i) => [name, points[i]]));
  /** @type {Map<Head, import('../state/sinks.js').Sinks>} */
  const sinks = new Map(report.heads(model).map((head) => [head, sinksOf([head])]));
  return (head, kind, index) => {
    const point = pointsOf.get(axisOf(head, kind))?.[index];
    const rests = sinks.get(head);
    if (!point || !rests) return false;
    return point.special || (kind === 1 && isSink(rests, separator, point.place, point.id));
  };
}
