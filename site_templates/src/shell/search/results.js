/** What a search found: forms of the words, documents with their hits, heads. */
import { leadingLabels } from '../../state/awake.js';
import { headsCalled } from '../../state/find/query.js';
import { el, fill } from '../../parts/element.js';
import { clip } from '../../parts/names.js';
import { count, plural } from '../../parts/numbers.js';

/** @import { Documents } from '../../data/types.js' */
/** @import { Hit, Hits } from '../../parts/search/hits.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Context, Head } from '../../parts/types.js' */

/** So many of each are listed. */
const FORMS = 8;
const LISTED = 60;

/**
 * @param {HTMLElement} element
 * @param {Context} context
 * @param {Selection} selection
 * @param {{documents: Documents, hits: Hits | undefined}} found
 */
export function fillResults(element, context, selection, { documents, hits }) {
  const { report } = context;
  const model = report.model(selection.model);
  const heads = model && selection.find.trim() !== ''
    ? headsCalled(selection.find, model, report.heads(model.name)) : [];
  fill(element,
    hits && hits.forms.length > 1 && forms(hits),
    hits && hits.documents.length > 0 && section('Documents', hits.documents.length,
      hits.documents.slice(0, LISTED).map((entry) => documentItem(context, documents, hits, entry, selection))),
    heads.length > 0 && section('Heads', heads.length,
      heads.slice(0, LISTED).map((head) => headItem(context, head, selection))));
}

/** How the words are written, the most frequent first. @param {Hits} hits */
function forms(hits) {
  const more = hits.forms.length - FORMS;
  return el('p', { class: 'search-forms' }, ...hits.forms.slice(0, FORMS).map(({ text, count: times }) => (
    el('span', { class: 'search-form' }, el('bdi', {}, clip(text, 24)),
      el('span', { class: 'quiet' }, ` ${count(times)}`)))),
  more > 0 && el('span', { class: 'quiet' }, `and ${plural(more, 'other form')}`));
}

/** @param {string} title @param {number} all @param {readonly HTMLElement[]} items */
function section(title, all, items) {
  return el('section', {}, el('h3', {}, title, el('span', { class: 'quiet' }, ` ${count(all)}`)),
    el('ul', { class: 'search-items' }, ...items),
    all > items.length
      && el('p', { class: 'quiet' }, `${count(all - items.length)} more: the keys n and N reach them.`));
}

/**
 * @param {Context} context
 * @param {Documents} documents
 * @param {Hits} hits
 * @param {{document: number, count: number}} entry
 * @param {Selection} selection
 */
function documentItem({ search }, documents, hits, { document, count: many }, { doc }) {
  const first = () => /** @type {Hit} */ (hits.all.find((hit) => hit.document === document));
  return item({ current: doc === document, onclick: () => search.go(first()), document },
    el('span', { class: 'picker-number' }, count(document + 1)),
    el('bdi', { class: 'search-title' }, clip(documents.title(document), 70)),
    el('span', { class: 'search-count' }, count(many)));
}

/** @param {Context} context @param {Head} head @param {Selection} selection */
function headItem({ report, state }, head, selection) {
  const { id } = head;
  const kinds = report.model(selection.model)?.labels ?? [];
  const titles = leadingLabels(head).map(({ name }) => kinds.find((kind) => kind.name === name)?.title ?? name);
  return item({ current: selection.head === id, onclick: () => state.set({ head: id }), head: id },
    el('b', {}, id), el('span', { class: 'search-title quiet' }, titles.join(', ')));
}

/**
 * @param {{current: boolean, onclick: () => void, document?: number, head?: string}} what
 * @param {...HTMLElement} children
 */
function item({ current, onclick, document, head }, ...children) {
  return el('li', {}, el('button', {
    type: 'button', class: 'search-item', 'aria-current': current ? 'true' : null, onclick,
    'data-document': document === undefined ? null : String(document), 'data-found-head': head,
  }, ...children));
}
