/** Examples of what a head attends to, from strong to weak: pairs drawn out of bands of attention. */
import { el, fill } from '../../parts/element.js';
import { clip, nameToken } from '../../parts/names.js';
import { count, percent, plural } from '../../parts/numbers.js';
import { codePointSlicer } from '../../data/texts.js';
import { folded } from './lists.js';

/** @import { Band, Documents, Tokens } from '../../data/types.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Context, Head } from '../../parts/types.js' */

const UNREADABLE = 'The examples could not be read.';
const LONGEST_TITLE = 60;
/** Characters of text that are shown to each side of a token, and how near two tokens share one text. */
const AROUND = 18;

/** The band that is shown stays so from head to head. */
let chosen = 0;

/** @param {Context} context @param {Selection} selection @param {Head} head */
export function examplesList(context, { model }, head) {
  const { report } = context;
  if (!report.hasExamples(model, head)) return null;
  return folded('examples', 'Examples, from strong to weak', () => {
    const select = el('select', { 'aria-label': 'Band of attention' });
    const summary = el('p', { class: 'quiet', 'aria-live': 'polite' });
    const list = el('ol', { class: 'examples' });
    const failed = () => fill(list, el('li', { class: 'quiet' }, UNREADABLE));
    report.examples(model, head.id).then((bands) => {
      fill(select, ...bands.map((band, i) => el('option', { value: String(i), disabled: band.pairs === 0 },
        `${bounds(band)} · ${percent(band.attention)} of all`)));
      const show = () => {
        const band = bands[Number(select.value)];
        fill(summary, inWords(band));
        fill(list, ...band.drawn.map(() => el('li', { class: 'quiet', 'aria-hidden': 'true' }, '…')));
        drawPairs(context, model, head, band).then((items) => {
          if (bands[Number(select.value)] === band) fill(list, ...items);
        }).catch(failed);
      };
      select.value = String(bands[chosen]?.pairs ? chosen : bands.findIndex(({ pairs }) => pairs > 0));
      select.onchange = () => {
        chosen = Number(select.value);
        show();
      };
      show();
    }).catch(failed);
    return [el('label', { class: 'chip example-band' }, 'Attention ', select), summary, list];
  });
}

/** "50 % and more", "1 % to 10 %", "under 0.1 %". @param {Band} band */
function bounds({ low, high }) {
  if (low === 0) return `under ${short(high)}`;
  return high === 1 ? `${short(low)} and more` : `${short(low)} to ${short(high)}`;
}

/** A bound, which has few digits. @param {number} share */
function short(share) {
  return `${Number((100 * share).toPrecision(6))}\u202f%`;
}

/** @param {Band} band */
function inWords({ pairs, share, attention, drawn }) {
  const which = drawn.length < pairs ? `${plural(drawn.length, 'pair')} drawn evenly from` : 'All';
  return `${which} ${count(pairs)} in the corpus: ${percent(share)} of pairs that a query may see, `
    + `${percent(attention)} of the attention.`;
}

/**
 * Pairs as buttons that lead to their document.
 * @param {Context} context @param {string} model @param {Head} head
 * @param {{drawn: readonly {document: number, query: number, key: number, weight: number}[]}} band
 */
export async function drawPairs({ report, state }, model, { stackInfo }, { drawn }) {
  const { query_axis: queryAxis, key_axis: keyAxis } = stackInfo;
  const documents = await report.documents();
  const kept = await report.kept(model);
  return Promise.all(drawn.map(async ({ document, query, key, weight }) => {
    const [queries, keys] = await Promise.all(
      [queryAxis, keyAxis].map((axis) => report.tokens(model, axis, document)));
    const stored = kept?.has(document) ?? true;
    return el('li', {}, el('button', {
      type: 'button', class: 'example', 'data-document': document, 'data-query': query, 'data-key': key,
      onclick: () => state.set({ view: 'document', doc: document, token: query, side: 'query', key }),
    },
    el('span', { class: 'example-pair' },
      el('span', { class: 'pair-names' }, el('bdi', { class: 'query' }, nameToken(queries, query)), ' → ',
        el('bdi', { class: 'key' }, nameToken(keys, key))),
      el('span', { class: 'partner-share' }, percent(weight))),
    ...around(documents, document, [queries, query], [keys, key]),
    el('span', { class: 'example-place' }, el('bdi', {}, clip(documents.title(document), LONGEST_TITLE)),
      ` · ${count(query + 1)} → ${count(key + 1)}${stored ? '' : ' · attention not stored'}`)));
  }));
}

/**
 * The text about both tokens, in the order of the text; nothing of tokens that stand for none.
 * @param {Documents} documents
 * @param {number} document
 * @param {...[Tokens, number]} ends query and key
 */
function around(documents, document, ...ends) {
  const slice = codePointSlicer(documents.text(document));
  const marks = ends.map(([tokens, place], i) => (
    { kind: i === 0 ? 'query' : 'key', start: tokens.start[place], end: tokens.end[place] }))
    .filter(({ start, end }) => start >= 0 && end > start)
    .sort((a, b) => a.start - b.start || a.end - b.end);
  if (marks.length === 0) return [];
  /** @type {(string | Node)[]} */
  const parts = [];
  let reached = Math.max(0, marks[0].start - AROUND);
  if (reached > 0) parts.push('…');
  for (const { kind, start, end } of marks) {
    if (start < reached) continue; // query and key are one token, or parts of one character
    if (start - reached > 2 * AROUND) {
      parts.push(slice(reached, reached + AROUND), ' … ');
      reached = start - AROUND;
    }
    parts.push(slice(reached, start), el('b', { class: kind }, slice(start, end)));
    reached = end;
  }
  const rest = slice(reached, reached + AROUND);
  parts.push(rest, slice(reached + AROUND, reached + AROUND + 1) === '' ? '' : '…');
  return [el('span', { class: 'example-text', dir: 'auto' }, ...parts)];
}
