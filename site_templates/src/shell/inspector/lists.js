/** Lists about a head: its labels, the heads most like it, token pairs, and documents from most to least focused. */
import { el, fill } from '../../parts/element.js';
import { clip } from '../../parts/names.js';
import { percent, plusMinus, units } from '../../parts/numbers.js';
import { labelMarks, REST_MEANING } from '../../parts/label-marks.js';
import { leadingLabels, restOfHead, restsOften } from '../../state/awake.js';
import { leftOutInWords, sinksOf } from '../../state/sinks.js';

/** @import { Model } from '../../data/types.js' */
/** @import { Context, Head } from '../../parts/types.js' */

const LONGEST_TITLE = 60;
const LONGEST_PIECE = 40;

/** Which lists are folded open stays so from head to head. @type {Set<string>} */
const unfolded = new Set();

/** @param {Context} context @param {Model} model @param {Head} head */
export function labelLine({ state }, model, head) {
  if ((model.labels ?? []).length === 0) return null;
  const leading = leadingLabels(head);
  const pick = (/** @type {string} */ name) => state.set({ view: 'heads', show: 'table', labels: name, filter: '' });
  const marks = leading.length > 0
    ? labelMarks(model, leading, pick)
    : [el('span', { class: 'quiet' }, 'No label: no score reaches its threshold.')];
  return el('p', { class: 'label-line', 'aria-label': 'Labels' }, ...marks);
}

/**
 * How much of a head's attention rests, on what, and what its labels are by all of it.
 * @param {Context} context @param {Model} model @param {Head} head
 */
export function restLine({ state }, model, head) {
  const rest = restOfHead(head);
  if (rest === null || !restsOften(head)) return null;
  const sinks = { ...sinksOf([head]), missing: Boolean(model.attention_by) };
  const where = leftOutInWords(sinks, (head.stackInfo.resting ?? []).includes('special'));
  const { labels = [] } = head;
  const pick = (/** @type {string} */ name) => state.set({ view: 'heads', show: 'table', labels: name, filter: '' });
  return el('p', { class: 'rest-line quiet', 'data-tip': REST_MEANING },
    `${percent(rest)} of its attention rests on ${where}, more than half in ${percent(head.statistics.asleep ?? 0)} `
    + 'of rows; ', ...labels.length > 0 ? ['labels with these: ', ...labelMarks(model, labels, pick)]
      : ['with these it has no label.']);
}

/** Tokens come from the vocabulary: text, whatever they look like. @param {Head} head */
export function wakingList({ waking = [] }) {
  if (waking.length === 0) return null;
  return folded('waking', 'Tokens that wake it', () => [
    el('p', { class: 'quiet' }, 'Queries that rest less often than others: how many of their rows are awake, of how '
      + 'many in the corpus; the surest first.'),
    el('ol', { class: 'pairs' }, ...waking.map(({ token, rate, rows }) => el('li', {},
      el('span', { class: 'pair-names' }, el('bdi', { class: 'query' }, clip(token, LONGEST_PIECE))),
      el('span', { class: 'quiet' }, `${percent(rate)} of ${units(rows, 'row')}`)))),
  ]);
}

/** Whether a distance is of a sample of queries. @param {{standard_error?: number | null}} likeness */
const isEstimate = ({ standard_error: error }) => typeof error === 'number';

/** @param {Context} context @param {Head} head */
export function alikeLine({ state }, { alike = [] }) {
  if (alike.length === 0) return null;
  return el('p',
    { class: 'alike',
      'data-tip': 'Distance between what they attend to, in the same documents: 0 is the same attention, 1 nothing in '
        + `common.${alike.some(isEstimate) ? ' ± is the standard error, of a sample of queries.' : ''}` },
    el('span', { class: 'quiet' }, 'Most alike (0 is the same): '),
    ...alike.flatMap(({ head, distance, standard_error: error }, i) => [
      i > 0 ? ', ' : '',
      el('span', { class: 'alike-head' },
        el('button', { type: 'button', class: 'link-button', onclick: () => state.set({ head }) }, head),
        el('span', { class: 'quiet' }, ` ${distance.toFixed(2)}${plusMinus(error)}`)),
    ]), ' ',
    el('button', { type: 'button', class: 'link-button',
      onclick: () => state.set({ view: 'compare', with: alike[0].head }) }, 'Compare side by side'));
}

/** Pieces come from the vocabulary: text, whatever they look like. @param {Head} head */
export function pairList({ pairs = [] }) {
  if (pairs.length === 0) return null;
  return folded('pairs', 'Token pairs', () => [
    el('p', { class: 'quiet' },
      'From query to key: the part of all the head’s attention, and how many times what equal attention would give.'),
    el('ol', { class: 'pairs' }, ...pairs.map(({ query, key, share, lift }) => el('li', {},
      el('span', { class: 'pair-names' }, el('bdi', { class: 'query' }, clip(query, LONGEST_PIECE)), ' → ',
        el('bdi', { class: 'key' }, clip(key, LONGEST_PIECE))),
      el('span', { class: 'quiet' }, `${percent(share)}, × ${lift < 10 ? lift.toFixed(1) : Math.round(lift)}`)))),
  ]);
}

/** @param {number} i @param {number} count */
function place(i, count) {
  return i === 0 ? 'most focused' : i === count - 1 ? 'least focused' : i === (count - 1) / 2 ? 'typical' : '';
}

/** @param {Context} context @param {Head} head */
export function documentList({ report, state }, { typical = [], focus = [] }) {
  if (typical.length === 0) return null;
  const list = el('ol', { class: 'typical' });
  const load = async () => {
    const documents = await report.documents();
    fill(list, ...typical.map((document, i) => el('li', {}, el('button', {
      type: 'button', class: 'partner', 'data-document': document,
      onclick: () => state.set({ view: 'document', doc: document, token: null }),
    }, el('bdi', { class: 'partner-name' }, clip(documents.title(document), LONGEST_TITLE)),
  el('span', { class: 'partner-place' }, place(i, typical.length)),
    el('span', { class: 'partner-share' }, typeof focus[i] === 'number' ? percent(focus[i] ?? NaN) : '')))));
  };
  return folded('documents', 'Documents, from most to least focused', () => {
    load().catch(() => fill(list, el('li', { class: 'quiet' }, 'The documents’ titles could not be read.')));
    return [el('p', { class: 'quiet' },
      'Tenths of all documents, so that what is usual is seen beside the extremes; 100 % is one key for each '
        + 'query.'), list];
  });
}

/**
 * A list that is made when it is first folded open.
 * @param {string} name
 * @param {string} title
 * @param {() => Node[]} make
 */
export function folded(name, title, make) {
  let filled = false;
  const details = el('details', { class: 'more', 'data-list': name, open: unfolded.has(name), ontoggle: () => show() },
    el('summary', {}, title));
  const show = () => {
    if (details.open) unfolded.add(name);
    else unfolded.delete(name);
    if (!details.open || filled) return;
    filled = true;
    details.append(...make());
  };
  if (details.open) show();
  return details;
}
