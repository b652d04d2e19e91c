/** Which document: one step back or on, or any from a list that can be filtered. */
import { el, fill, icon } from '../../parts/element.js';
import { clip } from '../../parts/names.js';
import { count } from '../../parts/numbers.js';

/** @import { Documents } from '../../data/types.js' */

/** So many are listed at once; a filter finds the others. */
const LISTED = 200;
const PREVIEW = 70;

/**
 * @param {() => number} selected the document that is wanted, which may still be loading
 * @param {(document: number) => void} onPick
 */
export function createDocumentPicker(selected, onPick) {
  /** @type {Documents | undefined} */
  let documents;
  let current = 0;
  /** Tokens of each document for the model that is shown: 0 where it did not take it. @type {ArrayLike<number>} */
  let lengths = [];
  const name = el('span', { class: 'picker-name' });
  const open = el('button',
    { type: 'button', class: 'chip picker-open', 'aria-haspopup': 'dialog', 'aria-expanded': 'false',
      onclick: () => toggle(list.hidden === true) }, name);
  const filter = el('input',
    { type: 'search', class: 'picker-filter', placeholder: 'Filter titles and texts', 'aria-label': 'Filter documents',
      oninput: () => listAll() });
  const items = el('ul', { class: 'picker-items' });
  const list =
    el('div', { class: 'popover picker-list', hidden: true, role: 'dialog', 'aria-label': 'Documents' }, filter, items);
  const previous = el('button',
    { type: 'button', class: 'tool square', 'aria-label': 'Previous document', title: 'Previous document',
      onclick: () => step(-1) }, icon('left'));
  const next = el('button',
    { type: 'button', class: 'tool square', 'aria-label': 'Next document', title: 'Next document',
      onclick: () => step(1) }, icon('right'));
  const element = el('div', { class: 'picker popover-anchor' }, previous, open, next, list);

  /** The next document that the model took. @param {number} from @param {number} by */
  const beyond = (from, by) => {
    let document = from + by;
    while (document >= 0 && document < lengths.length && lengths[document] === 0) document += by;
    return lengths[document] > 0 ? document : undefined;
  };
  /** @param {number} by */
  const step = (by) => onPick(beyond(selected(), by) ?? selected());
  /** @param {boolean} visible */
  const toggle = (visible) => {
    list.hidden = !visible;
    open.setAttribute('aria-expanded', String(visible));
    if (!visible) return;
    filter.value = '';
    listAll();
    filter.focus();
    items.querySelector('[aria-current]')?.scrollIntoView({ block: 'center' });
  };
  /** @param {number} document */
  const choose = (document) => {
    toggle(false);
    open.focus();
    onPick(document);
  };
  const listAll = () => {
    if (!documents) return;
    const words = filter.value.trim().toLowerCase();
    const matching = matches(documents, words);
    const near = words ? matching.slice(0, LISTED) : around(matching, current);
    fill(items,
      ...near.map((document) =>
        item(/** @type {Documents} */ (documents), document, document === current, lengths[document] > 0, choose)));
    if (matching.length > near.length) {
      items.append(el('li', { class: 'quiet picker-more' },
        `${count(matching.length - near.length)} more: type to filter`));
    }
    if (matching.length === 0) items.append(el('li', { class: 'quiet picker-more' }, 'No document has this.'));
  };
  element.addEventListener('keydown', (event) => {
    if (list.hidden) return;
    if (event.key === 'Escape') {
      toggle(false);
      open.focus();
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      move(items, filter, event.key === 'ArrowDown' ? 1 : -1);
      event.preventDefault();
    } else if (event.key === 'Enter' && event.target === filter) {
      items.querySelector('button')?.click();
      // The button that has the focus now would open the list again.
      event.preventDefault();
    } else return;
    event.stopPropagation();
  });
  document.addEventListener('pointerdown', (event) => {
    if (!list.hidden && event.target instanceof Node && !element.contains(event.target)) toggle(false);
  });

  return {
    element,
    /** @param {Documents} all @param {number} document @param {ArrayLike<number>} tokens of each document */
    show(all, document, tokens) {
      documents = all;
      current = document;
      lengths = tokens;
      fill(name, el('span', { class: 'quiet' }, `${count(document + 1)} / ${count(all.count)}`), ' ',
        el('bdi', {}, clip(all.title(document), PREVIEW)));
      previous.disabled = beyond(document, -1) === undefined;
      next.disabled = beyond(document, 1) === undefined;
    },
  };
}

/** @param {Documents} documents @param {string} words in lower case */
function matches(documents, words) {
  const all = Array.from({ length: documents.count }, (_, i) => i);
  if (words === '') return all;
  return all.filter((i) => documents.title(i).toLowerCase().includes(words)
    || (!documents.error(i) && documents.text(i).toLowerCase().includes(words)));
}

/** A part of a long list that holds the current entry. @param {number[]} all @param {number} current */
function around(all, current) {
  const first = Math.min(Math.max(0, current - LISTED / 2), Math.max(0, all.length - LISTED));
  return all.slice(first, first + LISTED);
}

/**
 * @param {Documents} documents
 * @param {number} document
 * @param {boolean} current
 * @param {boolean} readable by the model
 * @param {(document: number) => void} onPick
 */
function item(documents, document, current, readable, onPick) {
  const preview = documents.error(document) ? '' : clip(documents.text(document).trim().replace(/\s+/g, ' '), PREVIEW);
  return el('li', {}, el('button', {
    type: 'button', class: readable ? 'picker-item' : 'picker-item not-taken', 'aria-current': current ? 'true' : null,
    onclick: () => onPick(document),
  },
  el('span', { class: 'picker-number' }, count(document + 1)),
  el('bdi', { class: 'picker-title' }, clip(documents.title(document), PREVIEW)),
  el('bdi', { class: 'picker-preview' }, readable ? preview : 'not taken by this model')));
}

/** @param {HTMLElement} items @param {HTMLElement} filter @param {1 | -1} by */
function move(items, filter, by) {
  const buttons = [...items.querySelectorAll('button')];
  const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
  (buttons[at + by] ?? (at + by < 0 ? filter : undefined))?.focus();
}
