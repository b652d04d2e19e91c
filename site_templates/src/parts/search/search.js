/**
 * The search that a selection asks for: done once, by whoever asks first, and its hits one after another.
 * @import { Report } from '../../data/report.js'
 * @import { Selection, State } from '../../state/types.js'
 * @import { Hit, Hits } from './hits.js'
 */
import { PatternError } from '../../state/find/pattern.js';
import { readQuery } from '../../state/find/query.js';
import { makeBreath, Overtaken } from '../aggregate-progress.js';
import { findHits } from './hits.js';

/** Documents from one word on a search to the next. */
const TOLD_EVERY = 100;

/** @typedef {Pick<Selection, 'model' | 'head' | 'doc' | 'token' | 'side'>} Place */
/** @typedef {ReturnType<typeof createSearch>} Search */

/** @param {Report} report @param {State} state */
export function createSearch(report, state) {
  let key = '';
  /** @type {Promise<Hits> | undefined} */
  let latest;
  /** @type {Set<(text: string) => void>} */
  const listeners = new Set();

  /** @param {Selection} selection */
  const keyOf = ({ model, find }) => (find.trim() === '' ? '' : JSON.stringify([model, find.trim()]));
  /** @param {Selection} selection */
  const start = async ({ model, find }, current = key) => {
    const query = readQuery(find);
    return findHits(report, model, query, {
      breathe: makeBreath(() => key === current),
      progress: (document, count) => {
        if (document % TOLD_EVERY > 0) return;
        for (const listener of listeners) listener(`Searching: ${document} of ${count} documents.`);
      },
    });
  };
  /**
   * The hits of a selection's search; undefined where it asks for none, or for others by now.
   * @param {Selection} selection
   * @returns {Promise<Hits | undefined>} rejects with PatternError where the pattern is wrong, in words
   */
  const load = async (selection) => {
    const next = keyOf(selection);
    if (next !== key) {
      key = next;
      latest = next === '' ? undefined : start(selection);
      latest?.catch((error) => {
        // Files that could not be read may be there the next time; a wrong pattern stays wrong.
        if (key === next && !(error instanceof PatternError)) key = '';
      });
    }
    return latest?.catch((error) => {
      if (error instanceof Overtaken) return undefined;
      throw error;
    });
  };
  return {
    load,
    /** Calls back with words while a search goes on. @param {(text: string) => void} listener */
    onProgress: (listener) => listeners.add(listener),
    /** Goes to the next hit, or to the one before. @param {1 | -1} by */
    async step(by) {
      const selection = state.get();
      const hits = await load(selection).catch(() => undefined);
      if (!hits || hits.all.length === 0 || state.get() !== selection) return;
      const at = placeAmong(hits.all, positionOf(report, selection));
      const next = by > 0 ? (at.exact ? at.index + 1 : at.index) : at.index - 1;
      const count = hits.all.length;
      state.set(patchFor(report, selection, hits.all[((next % count) + count) % count]), { push: false });
    },
    /** Goes to a hit. @param {Hit} hit */
    go: (hit) => state.set(patchFor(report, state.get(), hit), { push: false }),
    /** Which of the hits is selected, from 0; −1 for none. @param {Hits} hits @param {Selection} selection */
    indexIn(hits, selection) {
      const { index, exact } = placeAmong(hits.all, positionOf(report, selection));
      return exact ? index : -1;
    },
  };
}

/** What is selected, as a place among hits. @param {Report} report @param {Place} place */
function positionOf(report, { model, head, doc, token, side }) {
  const stack = report.head(model, head)?.stackInfo;
  const axis = side === 'query' ? stack?.query_axis : stack?.key_axis;
  return { document: doc ?? -1, axis: axis ?? '', first: token ?? -1 };
}

/**
 * The first of the hits that is not before a place.
 * @param {readonly Hit[]} hits by document, axis and token
 * @param {{document: number, axis: string, first: number}} place
 */
export function placeAmong(hits, { document, axis, first }) {
  // Axes stand in the model's order, which hits of one document tell.
  const sameDocument = hits.findIndex((hit) => hit.document >= document);
  let index = sameDocument < 0 ? hits.length : sameDocument;
  const isBefore = (/** @type {Hit} */ hit) => hit.document === document && hit.axis === axis && hit.first < first;
  const axisAt = hits.findIndex((hit, i) => i >= index && hit.document === document && hit.axis === axis);
  if (axisAt >= 0 && first >= 0) {
    index = axisAt;
    while (index < hits.length && isBefore(hits[index])) index++;
  }
  const hit = hits[index];
  const exact = hit !== undefined && hit.document === document && hit.axis === axis && hit.first === first;
  return { index, exact };
}

/**
 * The change that selects a hit: the head stays where it reads the hit's axis.
 * @param {Report} report @param {Selection} selection @param {Hit} hit
 */
function patchFor(report, { model, head, side }, { document, axis, first }) {
  const reads = (/** @type {import('../../data/types.js').Head | undefined} */ candidate) => (
    candidate !== undefined && [candidate.stackInfo.query_axis, candidate.stackInfo.key_axis].includes(axis));
  const reader = [report.head(model, head), ...report.heads(model)].find(reads);
  const stack = reader?.stackInfo;
  const sides = /** @type {const} */ (['query', 'key']).filter((each) => stack?.[`${each}_axis`] === axis);
  const nearest = sides.includes(side) ? side : sides[0] ?? side;
  return { head: reader?.id ?? head, doc: document, token: first, side: nearest };
}
