/** The table of heads: a row each, sorted and filtered; one row is selected, and arrow keys go from row to row. */
import { chosenColumns } from '../../state/head-columns.js';
import { nextSort } from '../../state/heads-order.js';
import { el, fill } from '../../parts/element.js';
import { makeHeadings, makeRows, markSort } from './rows.js';

/** @import { Model } from '../../data/types.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Column } from '../../state/head-columns.js' */
/** @import { HeadRow } from './rows.js' */
/** @import { Context, Head } from '../../parts/types.js' */

/** Widths in CSS pixels: a name (with its stack), the stack, labels, a number. */
const NAME = 86;
const NAME_WITH_STACK = 152;
const STACK = 132;
const LABELS = 158;
const NUMBER = 88;
/** Under a title too long for two lines. */
const WIDE = 122;
const LONG_TITLE = 20;

/** A table with a row for each head, one of which is selected. */
export class HeadsTable {
  #context;
  #headings = el('tr', {});
  #body = el('tbody', {});
  #columns = el('colgroup', {});
  #table = el('table', { class: 'heads-table' },
    el('caption', { class: 'offscreen' }, 'All heads of the model, a row each'),
    this.#columns, el('thead', {}, this.#headings), this.#body);
  element = el('div', { class: 'heads-scroll' }, this.#table);
  /** By the head's id. @type {Map<string, HeadRow>} */
  #rows = new Map();
  /** Those that have a row in the table now, in order. @type {readonly Head[]} */
  #heads = [];
  /** The row that the keyboard enters by. @type {HeadRow | undefined} */
  #reachable;
  /** Model and columns that rows were made for. */
  #built = '';
  /** What the table was sorted by when its heading was last brought into sight. */
  #sorted = '';

  /** @param {Context} context */
  constructor(context) {
    this.#context = context;
    this.#body.addEventListener('click', (event) => this.#click(event));
  }

  /** The table itself, all of it, however much is in sight. */
  get table() {
    return this.#table;
  }

  /**
   * @param {Model} model
   * @param {readonly Head[]} heads those that get a row, in order
   * @param {Selection} selection
   */
  show(model, heads, selection) {
    this.#build(model, selection.columns);
    markSort(/** @type {HTMLElement[]} */ ([...this.#headings.children]), selection.sort);
    if (heads.length !== this.#heads.length || heads.some((head, i) => head !== this.#heads[i])) {
      this.#heads = heads;
      this.#body.replaceChildren(...heads.map(({ id }) => /** @type {HeadRow} */ (this.#rows.get(id)).row));
    }
    this.#select(selection.head);
    if (selection.sort !== this.#sorted) this.#revealSorted();
    this.#sorted = selection.sort;
  }

  /** Brings the column that the table is sorted by into sight, once it is laid out. */
  #revealSorted() {
    requestAnimationFrame(() => {
      const heading = /** @type {HTMLElement | null} */ (this.#headings.querySelector('[aria-sort]'));
      if (!heading) return;
      const beyond = heading.offsetLeft + heading.offsetWidth - this.element.clientWidth;
      const { scrollLeft } = this.element;
      if (beyond > scrollLeft || heading.offsetLeft < scrollLeft) this.element.scrollLeft = Math.max(0, beyond);
    });
  }

  /** Brings the selected row into sight. */
  reveal() {
    this.#reachable?.row.scrollIntoView({ block: 'nearest' });
  }

  /** Keys that no control took; true if used. @param {KeyboardEvent} event */
  key({ key }) {
    const selected = this.#context.state.get().head;
    const at = this.#heads.findIndex(({ id }) => id === selected);
    const inside = this.#body.contains(document.activeElement);
    const target = {
      ArrowDown: inside ? at + 1 : at, ArrowUp: inside ? at - 1 : at, Home: 0, End: this.#heads.length - 1,
    }[key];
    if (target === undefined || this.#heads.length === 0 || (at < 0 && key === 'ArrowUp')) return false;
    this.#moveTo(target);
    return true;
  }

  /** @param {Model} model @param {string} names of columns, commas between */
  #build(model, names) {
    const built = `${model.name} ${names}`;
    if (this.#built === built) return;
    this.#built = built;
    const columns = chosenColumns(model, names);
    this.#setWidths(widthsOf(model, columns));
    fill(this.#headings, ...makeHeadings(model, columns, (name, largest) => this.#sortBy(name, largest)));
    this.#rows = makeRows(model, this.#context.report.heads(model.name), columns);
    this.#heads = [];
    this.#reachable = undefined;
  }

  /** @param {readonly number[]} widths in CSS pixels */
  #setWidths(widths) {
    fill(this.#columns, ...widths.map((width) => {
      const column = el('col', {});
      column.style.width = `${width}px`;
      return column;
    }));
    this.#table.style.minWidth = `${widths.reduce((sum, width) => sum + width, 0)}px`;
  }

  /** @param {string} name @param {boolean} largest whether to begin with the largest */
  #sortBy(name, largest) {
    const { state } = this.#context;
    state.set({ sort: nextSort(state.get().sort, name, largest) }, { push: false });
  }

  /** @param {string} id */
  #select(id) {
    const next = this.#rows.get(id);
    // Where the selected head is filtered out, the first row is the way in.
    const reachable = next?.row.isConnected ? next : this.#rows.get(this.#heads[0]?.id ?? '');
    this.#reachable?.row.removeAttribute('aria-current');
    for (const link of this.#reachable?.links ?? []) link.tabIndex = -1;
    for (const link of reachable?.links ?? []) link.tabIndex = 0;
    next?.row.setAttribute('aria-current', 'true');
    this.#reachable = reachable;
    if (next !== reachable) next?.row.removeAttribute('aria-current');
  }

  /** Selects a row, the focus on it. @param {number} index */
  #moveTo(index) {
    const head = this.#heads[Math.min(Math.max(index, 0), this.#heads.length - 1)];
    if (!head) return;
    this.#context.state.set({ head: head.id }, { push: false });
    const row = this.#rows.get(head.id);
    row?.links[0].focus({ preventScroll: true });
    row?.row.scrollIntoView({ block: 'nearest' });
  }

  /** A link opens a view, anything else selects the row. @param {MouseEvent} event */
  #click(event) {
    const target = event.target instanceof Element ? event.target : null;
    const head = target?.closest('tr')?.dataset.head;
    if (!head || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    const { view } = target?.closest('a')?.dataset ?? {};
    if (view) this.#context.state.set({ head, view });
    else this.#moveTo(this.#heads.findIndex(({ id }) => id === head));
  }
}

/** @param {Model} model @param {readonly Column[]} columns */
function widthsOf({ stacks }, columns) {
  const several = stacks.length > 1;
  const names = several ? [NAME_WITH_STACK, STACK] : [NAME];
  return [...names, LABELS, ...columns.map(({ title }) => (title.length > LONG_TITLE ? WIDE : NUMBER))];
}
