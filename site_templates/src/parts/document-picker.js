/** Which document: one step back or on, or any from a list that can be filtered. */
import { makeBreath, Overtaken } from './aggregate-progress.js';
import { filterDocuments } from './document-filter.js';
import { el, fill, icon } from './element.js';
import { LongList } from './long-list.js';
import { clip } from './names.js';
import { count } from './numbers.js';
import { createPopover } from './popover.js';

/** @import { Documents } from '../data/types.js' */

const PREVIEW = 70;

/** Steps through documents, and lists them. */
export class DocumentPicker {
  #selected;
  #onPick;
  /** @type {Documents | undefined} */
  #documents;
  #current = 0;
  /** Tokens of each document for the model at hand: 0 where it did not take it. @type {ArrayLike<number>} */
  #lengths = [];
  /** The documents whose attention is stored, undefined for all. @type {Set<number> | undefined} */
  #kept;
  #name = el('span', { class: 'picker-name' });
  #open = el('button', {
    type: 'button', class: 'chip picker-open', 'aria-haspopup': 'dialog', 'aria-expanded': 'false',
  }, this.#name);
  #filter = el('input', {
    type: 'search', class: 'picker-filter', placeholder: 'Filter titles and texts', 'aria-label': 'Filter documents',
    oninput: () => void this.#fillList(),
  });
  #items = el('ul', { class: 'picker-items' });
  #rows = new LongList(this.#items, (row) => this.#item(this.#matching[row]));
  /** The documents that are listed. @type {ArrayLike<number>} */
  #matching = [];
  /** Which of the filter's searches is the last. */
  #search = 0;
  #list = el('div', { class: 'popover picker-list', hidden: true, role: 'dialog', 'aria-label': 'Documents' },
    this.#filter, this.#items);
  #previous = stepButton('Previous document', 'left', () => this.#step(-1));
  #next = stepButton('Next document', 'right', () => this.#step(1));
  element = el('div', { class: 'picker popover-anchor' }, this.#previous, this.#open, this.#next, this.#list);
  #popover = createPopover({
    anchor: this.element, button: this.#open, panel: this.#list, onOpen: () => this.#begin(),
  });

  /**
   * @param {() => number} selected the document that is asked for, which may still be loading
   * @param {(document: number) => void} onPick
   */
  constructor(selected, onPick) {
    this.#selected = selected;
    this.#onPick = onPick;
    this.element.addEventListener('keydown', (event) => this.#key(event));
  }

  /**
   * @param {Documents} documents
   * @param {number} current
   * @param {ArrayLike<number>} lengths tokens of each document
   * @param {Set<number>} [kept] those whose attention is stored, where not all are
   */
  show(documents, current, lengths, kept) {
    this.#documents = documents;
    this.#current = current;
    this.#lengths = lengths;
    this.#kept = kept;
    fill(this.#name, el('span', { class: 'quiet' }, `${count(current + 1)} / ${count(documents.count)}`), ' ',
      el('bdi', {}, clip(documents.title(current), PREVIEW)));
    this.#previous.disabled = this.#beyond(current, -1) === undefined;
    this.#next.disabled = this.#beyond(current, 1) === undefined;
  }

  /** The next document that the model took and that is stored. @param {number} from @param {number} by */
  #beyond(from, by) {
    let next = from + by;
    while (next >= 0 && next < this.#lengths.length && this.#absence(next)) next += by;
    return next >= 0 && next < this.#lengths.length ? next : undefined;
  }

  /** Why a document has no attention to show; empty where it has. @param {number} document */
  #absence(document) {
    if (!(this.#lengths[document] > 0)) return 'not taken by this model';
    return this.#kept?.has(document) ?? true ? '' : 'attention not stored';
  }

  /** @param {number} by */
  #step(by) {
    this.#onPick(this.#beyond(this.#selected(), by) ?? this.#selected());
  }

  /** The list as it is when it opens: unfiltered, with the current document in sight. */
  #begin() {
    this.#filter.value = '';
    void this.#fillList();
    this.#filter.focus();
  }

  /** Lists the documents that the filter lets through, as they are found. */
  async #fillList() {
    const documents = this.#documents;
    if (!documents) return;
    const search = ++this.#search;
    const words = this.#filter.value.trim().toLowerCase();
    const list = (/** @type {ArrayLike<number>} */ matching, /** @type {string} */ below) => {
      this.#matching = matching;
      this.#rows.show(matching.length, words === '' ? this.#current : 0, below ? [remark(below)] : []);
    };
    try {
      const matching = await filterDocuments(documents, words, makeBreath(() => this.#search === search),
        (part, through) => list(part, `${count(through)} of ${count(documents.count)} documents looked through`));
      if (this.#search === search) list(matching, matching.length === 0 ? 'No document has this.' : '');
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
    }
  }

  /** @param {number} document */
  #item(document) {
    return item(/** @type {Documents} */ (this.#documents), document, document === this.#current,
      this.#absence(document), () => {
        this.#popover.close();
        this.#onPick(document);
      });
  }

  /** Keys while the list is open. @param {KeyboardEvent} event */
  #key(event) {
    if (this.#list.hidden) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      move(this.#items, this.#filter, event.key === 'ArrowDown' ? 1 : -1);
      event.preventDefault();
    } else if (event.key === 'Enter' && event.target === this.#filter) {
      this.#items.querySelector('button')?.click();
      // The button that has the focus now would open the list again.
      event.preventDefault();
    } else return;
    event.stopPropagation();
  }
}

/** @param {string} label @param {'left' | 'right'} arrow @param {() => void} onclick */
function stepButton(label, arrow, onclick) {
  const names = { 'aria-label': label, title: label };
  return el('button', { type: 'button', class: 'tool square', ...names, onclick }, icon(arrow));
}

/** @param {string} text */
function remark(text) {
  return el('li', { class: 'quiet picker-more list-after', 'aria-live': 'polite' }, text);
}

/**
 * @param {Documents} documents
 * @param {number} document
 * @param {boolean} current
 * @param {string} absence why it has no attention to show; empty where it has
 * @param {(document: number) => void} onPick
 */
function item(documents, document, current, absence, onPick) {
  const preview = documents.error(document) ? '' : clip(documents.text(document).trim().replace(/\s+/g, ' '), PREVIEW);
  return el('li', {}, el('button', {
    type: 'button', class: absence ? 'picker-item not-taken' : 'picker-item', 'aria-current': current ? 'true' : null,
    onclick: () => onPick(document),
  },
  el('span', { class: 'picker-number' }, count(document + 1)),
  el('bdi', { class: 'picker-title' }, clip(documents.title(document), PREVIEW)),
  el('bdi', { class: 'picker-preview' }, absence || preview)));
}

/** @param {HTMLElement} items @param {HTMLElement} filter @param {1 | -1} by */
function move(items, filter, by) {
  const buttons = [...items.querySelectorAll('button')];
  const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
  (buttons[at + by] ?? (at + by < 0 ? filter : undefined))?.focus();
}
