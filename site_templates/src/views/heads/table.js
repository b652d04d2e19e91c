/** The table of heads: a row each, sorted and filtered; one row is selected, and arrow keys go from row to row. */
import { chosenColumns } from '../../state/columns.js';
import { nextSort } from '../../state/heads-order.js';
import { el, fill } from '../../parts/element.js';
import { makeHeadings, makeRows, markSort } from './rows.js';

/** @import { Model } from '../../data/types.js' */
/** @import { Selection } from '../../state/types.js' */
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

/** @param {Context} context */
export function createHeadsTable({ report, state }) {
  const headRow = el('tr', {});
  const body = el('tbody', {});
  const columnWidths = el('colgroup', {});
  const table = el('table', { class: 'heads-table' },
    el('caption', { class: 'offscreen' }, 'All heads of the model, a row each'), columnWidths, el('thead', {}, headRow),
    body);
  const element = el('div', { class: 'heads-scroll' }, table);
  /** @type {Map<string, HeadRow>} */
  let rows = new Map();
  /** @type {HTMLElement[]} */
  let headings = [];
  /** @type {readonly Head[]} */
  let shown = [];
  /** @type {HeadRow | undefined} */
  let selected;
  let built = '';

  /** @param {string} name @param {boolean} largest */
  const sortBy = (name, largest) => state.set({ sort: nextSort(state.get().sort, name, largest) }, { push: false });

  /** @param {Model} model @param {Selection} selection */
  function build(model, selection) {
    const wanted = `${model.name} ${selection.columns}`;
    if (built === wanted) return;
    built = wanted;
    const columns = chosenColumns(model, selection.columns);
    const several = model.stacks.length > 1;
    const widths = [several ? NAME_WITH_STACK : NAME, ...several ? [STACK] : [], LABELS,
      ...columns.map(({ title }) => (title.length > LONG_TITLE ? WIDE : NUMBER))];
    fill(columnWidths, ...widths.map((width) => {
      const column = el('col', {});
      column.style.width = `${width}px`;
      return column;
    }));
    table.style.minWidth = `${widths.reduce((sum, width) => sum + width, 0)}px`;
    headings = makeHeadings(model, columns, sortBy);
    fill(headRow, ...headings);
    rows = makeRows(model, report.heads(model.name), columns);
    shown = [];
    selected = undefined;
  }

  /** @param {string} id */
  function select(id) {
    const next = rows.get(id);
    // Where the selected head is filtered out, the first row is the way in.
    const reachable = next?.row.isConnected ? next : rows.get(shown[0]?.id ?? '');
    selected?.row.removeAttribute('aria-current');
    for (const link of selected?.links ?? []) link.tabIndex = -1;
    for (const link of reachable?.links ?? []) link.tabIndex = 0;
    next?.row.setAttribute('aria-current', 'true');
    selected = reachable;
    if (next !== reachable) next?.row.removeAttribute('aria-current');
  }

  /** @param {number} index */
  function moveTo(index) {
    const head = shown[Math.min(Math.max(index, 0), shown.length - 1)];
    if (!head) return;
    state.set({ head: head.id }, { push: false });
    const found = rows.get(head.id);
    found?.links[0].focus({ preventScroll: true });
    found?.row.scrollIntoView({ block: 'nearest' });
  }

  body.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const row = target?.closest('tr');
    if (!row?.dataset.head || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    const { view } = target?.closest('a')?.dataset ?? {};
    if (view) state.set({ head: row.dataset.head, view });
    else moveTo(shown.findIndex(({ id }) => id === row.dataset.head));
  });

  return {
    element,
    /**
     * @param {Model} model
     * @param {readonly Head[]} heads those that are shown, in order
     * @param {Selection} selection
     */
    show(model, heads, selection) {
      build(model, selection);
      markSort(headings, selection.sort);
      if (heads.length !== shown.length || heads.some((head, i) => head !== shown[i])) {
        shown = heads;
        body.replaceChildren(...heads.map(({ id }) => /** @type {HeadRow} */ (rows.get(id)).row));
      }
      select(selection.head);
    },
    /** Brings the selected row into sight. */
    reveal() {
      selected?.row.scrollIntoView({ block: 'nearest' });
    },
    /** @param {KeyboardEvent} event */
    key({ key }) {
      const at = shown.findIndex(({ id }) => id === state.get().head);
      const inside = body.contains(document.activeElement);
      const to =
        { ArrowDown: inside ? at + 1 : at, ArrowUp: inside ? at - 1 : at, Home: 0, End: shown.length - 1 }[key];
      if (to === undefined || shown.length === 0 || (at < 0 && key === 'ArrowUp')) return false;
      moveTo(to);
      return true;
    },
  };
}
