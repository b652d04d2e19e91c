/** The search: a button in the bar, and below it a field with what was found, over all documents and heads. */
import { PatternError } from '../../state/find/pattern.js';
import { el, fill, icon } from '../../parts/element.js';
import { clip } from '../../parts/names.js';
import { count, plural } from '../../parts/numbers.js';
import { returnFocus } from '../../parts/popover.js';
import { fillResults } from './results.js';

/** @import { Hits } from '../../parts/search/hits.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Context } from '../../parts/types.js' */

/** So long after the last key the search begins. */
const REST_MS = 250;

export class SearchBox {
  #context;
  #label = el('span', { class: 'button-text' }, 'Search ', el('kbd', {}, '/'));
  #button = el('button', {
    type: 'button', class: 'tool search-open', 'aria-haspopup': 'dialog', 'aria-expanded': 'false',
    'aria-label': 'Search', title: 'Search (/)', onclick: () => (this.#panel.hidden ? this.open() : this.#close()),
  }, icon('search'), this.#label);
  #field = el('input', {
    type: 'search', class: 'search-field', placeholder: 'Words, [token], /pattern/, label',
    'aria-label': 'Search for', maxLength: 500, oninput: () => this.#typed(),
    onkeydown: (/** @type {KeyboardEvent} */ event) => this.#fieldKey(event),
  });
  #previous = stepButton('Previous hit (N)', 'up', () => this.#step(-1));
  #next = stepButton('Next hit (n)', 'down', () => this.#step(1));
  #status = el('p', { class: 'quiet search-status', role: 'status' });
  #results = el('div', { class: 'search-results' });
  #panel = el('div', { class: 'popover search-panel', hidden: true, role: 'dialog', 'aria-label': 'Search' },
    el('div', { class: 'search-line' }, this.#field, this.#previous, this.#next,
      el('button', {
        type: 'button', class: 'tool square', 'aria-label': 'Close the search', onclick: () => this.#close(),
      }, icon('close'))),
    this.#status, this.#results);
  element = el('div', { class: 'popover-anchor search', role: 'search' }, this.#button, this.#panel);
  #timer = 0;
  /** What had the focus before the field. @type {Element | null} */
  #before = null;
  /** The search whose results are listed. @type {Hits | undefined} */
  #listed;
  #listedKey = '';

  /** @param {Context} context */
  constructor(context) {
    this.#context = context;
    context.search.onProgress((text) => {
      if (!this.#panel.hidden) fill(this.#status, text);
    });
    this.#panel.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      this.#close();
    });
  }

  open() {
    if (this.#panel.hidden) this.#before = document.activeElement;
    this.#panel.hidden = false;
    this.#button.setAttribute('aria-expanded', 'true');
    this.#field.focus();
    this.#field.select();
    void this.show(this.#context.state.get());
  }

  #close() {
    this.#commit();
    this.#panel.hidden = true;
    this.#button.setAttribute('aria-expanded', 'false');
    returnFocus(this.#before, this.#button);
  }

  /** @param {Selection} selection */
  async show(selection) {
    if (document.activeElement !== this.#field) this.#field.value = selection.find;
    const { search, state } = this.#context;
    /** @type {Hits | undefined} */
    let hits;
    let fault = '';
    try {
      hits = await search.load(selection);
    } catch (error) {
      fault = error instanceof Error ? error.message : String(error);
      if (!(error instanceof PatternError)) fault = `The search came to no end: ${fault}`;
    }
    if (state.get() !== selection || (!hits && fault === '' && selection.find.trim() !== '')) return;
    this.#showState(selection, hits, fault);
    await this.#list(selection, hits);
  }

  /** @param {Selection} selection @param {Hits | undefined} hits @param {string} fault */
  #showState(selection, hits, fault) {
    const { search } = this.#context;
    const many = hits?.all.length ?? 0;
    const at = hits ? search.indexIn(hits, selection) : -1;
    const place = at >= 0 ? `${count(at + 1)} of ${plural(many, 'hit')}` : plural(many, 'hit');
    this.#previous.disabled = this.#next.disabled = many === 0;
    this.#status.classList.toggle('caution', fault !== '');
    fill(this.#status, fault || (hits ? `${place} in ${plural(hits.documents.length, 'document')}.` : ''));
    fill(this.#label, ...(selection.find.trim() === '' ? ['Search ', el('kbd', {}, '/')]
      : [el('bdi', {}, clip(selection.find.trim(), 14)), el('span', { class: 'quiet' },
        ` ${at >= 0 ? `${count(at + 1)}/` : ''}${fault ? '?' : count(many)}`)]));
  }

  /** @param {Selection} selection @param {Hits | undefined} hits */
  async #list(selection, hits) {
    if (this.#panel.hidden) return;
    const { doc, model, find } = selection;
    const key = JSON.stringify([model, find, doc]);
    if (this.#listed === hits && this.#listedKey === key) return;
    const documents = await this.#context.report.documents();
    if (this.#context.state.get() !== selection) return;
    this.#listed = hits;
    this.#listedKey = key;
    fillResults(this.#results, this.#context, selection, { documents, hits });
  }

  #typed() {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#commit(), REST_MS);
  }

  /** Makes what was typed the search; the first letter is a step that Back undoes. */
  #commit() {
    clearTimeout(this.#timer);
    const { state } = this.#context;
    const find = this.#field.value;
    state.set({ find }, { push: state.get().find === '' });
  }

  /** @param {KeyboardEvent} event */
  #fieldKey(event) {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    this.#step(event.shiftKey ? -1 : 1);
  }

  /** @param {1 | -1} by */
  #step(by) {
    this.#commit();
    void this.#context.search.step(by);
  }
}

/** @param {string} title @param {'up' | 'down'} arrow @param {() => void} onclick */
function stepButton(title, arrow, onclick) {
  return el('button', { type: 'button', class: 'tool square', 'aria-label': title, title, disabled: true, onclick },
    icon(arrow));
}
