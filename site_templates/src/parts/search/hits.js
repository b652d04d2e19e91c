/**
 * All places of a corpus that a query is found at, by the tokens of one model.
 * @import { Tokens } from '../../data/types.js'
 * @import { Report } from '../../data/report.js'
 * @import { Query } from '../../state/find/query.js'
 * @import { Span } from '../../state/find/matches.js'
 */
import { codePointSlicer } from '../../data/texts.js';
import { codePoints, findMatches } from '../../state/find/matches.js';
import { PatternError } from '../../state/find/pattern.js';

/** @typedef {{document: number, axis: string, first: number, last: number}} Hit its first and its last token */
/**
 * @typedef {object} Hits
 * @property {readonly Hit[]} all by document, axis and token
 * @property {readonly {document: number, count: number}[]} documents that have any, in order
 * @property {readonly {text: string, count: number}[]} forms what was found, the most frequent first
 * @property {(axis: string) => Uint8Array | undefined} lit 1 for each token of a hit, by place in corpus order
 */
/** @typedef {{breathe: () => Promise<void> | void, progress: (document: number, count: number) => void}} Work */

/** Instructions between two breaths; of one search, so many at most, or so many for each character. */
const SLICE = 20_000;
const MOST_SLICES = 3000;
const SLICES_PER_CHARACTER = 12 / SLICE;
const MOST_FORMS = 2000;

/**
 * @param {Report} report
 * @param {string} model
 * @param {Query} query
 * @param {Work} work
 * @returns {Promise<Hits>} rejects with PatternError where it takes too much work
 */
export async function findHits(report, model, query, { breathe, progress }) {
  const documents = await report.documents();
  const axes = (report.model(model)?.axes ?? []).filter(({ kind }) => kind === 'text').map(({ name }) => name);
  const layouts = await Promise.all(axes.map((axis) => report.axis(model, axis)));
  const collected = new Collected();
  const budget = { slices: MOST_SLICES };
  for (let document = 0; document < documents.count; document++) {
    progress(document, documents.count);
    await breathe();
    if (documents.error(document)) continue;
    const text = documents.text(document);
    const spans = await matchesIn(text, query, budget, breathe);
    if (spans.length === 0 && query.pieces.size === 0) continue;
    const slice = codePointSlicer(text);
    for (const [i, axis] of axes.entries()) {
      if (layouts[i].lengths[document] === 0) continue;
      const tokens = await report.tokens(model, axis, document);
      collected.add(document, axis, hitsOf(tokens, spans, query.pieces), (hit) => formOf(tokens, hit, slice));
    }
  }
  return collected.result(new Map(axes.map((axis, i) => [axis, layouts[i].offsets])));
}

/**
 * @param {string} text
 * @param {Query} query
 * @param {{slices: number}} budget of the whole search; grows with each text
 * @param {Work['breathe']} breathe
 */
async function matchesIn(text, { program, needle }, budget, breathe) {
  if (needle && !text.toLowerCase().includes(needle)) return [];
  budget.slices += text.length * SLICES_PER_CHARACTER;
  /** @type {Span[]} */
  const spans = [];
  for (const match of findMatches(program, codePoints(text), SLICE)) {
    if (match) spans.push(match);
    else {
      if (--budget.slices < 0) throw new PatternError('This pattern takes too long over these texts: make it plainer.');
      await breathe();
    }
  }
  return spans;
}

/**
 * The tokens of each match, and those that are the piece itself.
 * @param {Tokens} tokens
 * @param {readonly Span[]} spans from left to right
 * @param {ReadonlySet<string>} pieces
 * @returns {[first: number, last: number][]} by their first token
 */
export function hitsOf({ texts, start, end }, spans, pieces) {
  const inText = Array.from(start.keys()).filter((token) => start[token] >= 0)
    .sort((a, b) => start[a] - start[b] || a - b);
  /** @type {Map<number, number>} */
  const hits = new Map();
  let from = 0;
  for (const span of spans) {
    while (from < inText.length && end[inText[from]] <= span.start) from++;
    let to = from;
    while (to < inText.length && start[inText[to]] < span.end) to++;
    if (to > from) hits.set(inText[from], Math.max(inText[to - 1], hits.get(inText[from]) ?? 0));
  }
  if (pieces.size > 0) {
    texts.forEach((text, token) => {
      if (pieces.has(text.toLowerCase()) && !hits.has(token)) hits.set(token, token);
    });
  }
  return [...hits].sort(([a], [b]) => a - b);
}

/**
 * What a hit's tokens say.
 * @param {Tokens} tokens
 * @param {readonly [number, number]} hit
 * @param {(start: number, end: number) => string} slice of the text
 */
function formOf({ start, end, texts }, [first, last], slice) {
  const words = start[first] < 0 ? '' : slice(start[first], end[last]).trim().replace(/\s+/g, ' ');
  return words || texts[first];
}

/** Hits as they are found. */
class Collected {
  /** @type {Hit[]} */
  #all = [];
  /** @type {{document: number, count: number}[]} */
  #documents = [];
  /** @type {Map<string, number>} */
  #forms = new Map();

  /**
   * @param {number} document @param {string} axis
   * @param {readonly [number, number][]} hits
   * @param {(hit: readonly [number, number]) => string} form
   */
  add(document, axis, hits, form) {
    if (hits.length === 0) return;
    const last = this.#documents.at(-1);
    if (last?.document === document) last.count += hits.length;
    else this.#documents.push({ document, count: hits.length });
    for (const hit of hits) {
      this.#all.push({ document, axis, first: hit[0], last: hit[1] });
      const text = form(hit);
      const count = this.#forms.get(text);
      if (count !== undefined || this.#forms.size < MOST_FORMS) this.#forms.set(text, (count ?? 0) + 1);
    }
  }

  /** @param {ReadonlyMap<string, Uint32Array>} offsets of each axis @returns {Hits} */
  result(offsets) {
    const all = this.#all;
    /** @type {Map<string, Uint8Array>} */
    const lit = new Map();
    for (const { document, axis, first, last } of all) {
      const starts = /** @type {Uint32Array} */ (offsets.get(axis));
      const marks = lit.get(axis) ?? new Uint8Array(starts[starts.length - 1]);
      lit.set(axis, marks.fill(1, starts[document] + first, starts[document] + last + 1));
    }
    return {
      all,
      documents: this.#documents,
      forms: [...this.#forms].map(([text, count]) => ({ text, count })).sort((a, b) => b.count - a.count),
      lit: (axis) => lit.get(axis),
    };
  }
}
