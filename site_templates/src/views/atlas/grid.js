/** The cells of the atlas: layout, pointing, keyboard, names for screen readers. The points lie behind them. */
import { headNumbers, neighbour } from '../../state/layout.js';
import { el, fill } from '../../parts/element.js';
import { headCard } from '../../parts/head-card.js';
import { STEPS } from '../../parts/steps.js';
import { makeRows } from './cells.js';

/** @import { Rect } from '../../draw/types.js' */
/** @import { Row } from '../../state/layout.js' */
/** @import { Context, Head } from '../../parts/types.js' */

/** Width of the layers' names and of the gap between cells: roomy, and dense where cells are small. */
const ROOMY = { label: 34, gap: 6 };
const DENSE = { label: 25, gap: 3 };
const DENSE_BELOW = 44;
/** Bar and space below a cell. */
const BELOW = 16;
/** Height of a stack's name. */
const STACK_LABEL = 34;
const LEAST_CELL = 24;
const MOST_CELL = 136;
/** Below this a whole model is no longer fitted into the window's height: it scrolls. */
const FITTED_CELL = 58;

/** @param {Context} context */
export function createAtlasGrid(context) {
  const { state, report, tooltip } = context;
  const grid = el('div', { class: 'atlas-grid', role: 'grid', 'aria-label': 'Heads, layers down' });
  const element = el('div', { class: 'atlas-scroll' }, grid);
  /** @type {Row[]} */
  let rows = [];
  let built = '';
  /** @type {Map<string, {cell: HTMLElement, bar: HTMLElement, head: Head}>} */
  const cells = new Map();
  /** @type {Map<string, HTMLElement>} */
  const headers = new Map();
  /** @type {() => void} */
  let onResize = () => {};

  /** @param {EventTarget | null} target */
  const headAt = (target) => {
    const cell = target instanceof Element ? target.closest('[data-head]') : null;
    return cell instanceof HTMLElement ? cells.get(cell.dataset.head ?? '') : undefined;
  };
  /** @param {Head | undefined} head */
  const mark = (head) => {
    const marked = head && [`column ${head.head}`, `row ${head.stack} ${head.layer}`];
    for (const [key, header] of headers) header.classList.toggle('marked', marked?.includes(key) ?? false);
  };
  /** @param {EventTarget | null} target */
  const point = (target) => {
    const found = headAt(target);
    mark(found?.head);
    if (!found) return tooltip.hide();
    tooltip.show(/** @type {Element} */ (found.cell.firstElementChild).getBoundingClientRect(),
      ...headCard(context, found.head));
  };
  /** @param {string} id */
  const open = (id) => {
    const map = cells.get(id)?.cell.firstElementChild;
    if (map) context.origin = { head: id, box: map.getBoundingClientRect() };
    state.set({ view: 'head', head: id });
  };

  grid.addEventListener('pointerover', (event) => point(event.target));
  grid.addEventListener('pointerleave', () => point(null));
  grid.addEventListener('focusin', (event) => point(event.target));
  grid.addEventListener('focusout', () => point(null));
  grid.addEventListener('click', (event) => {
    const found = headAt(event.target);
    if (found) open(found.head.id);
  });
  element.addEventListener('scroll', () => tooltip.hide(), { passive: true });

  const fit = () => {
    if (rows.length === 0 || element.clientWidth === 0) return;
    const columns = headNumbers(rows).length;
    const stacks = new Set(rows.map((row) => row.stack)).size;
    const height = element.clientHeight - 40 - (stacks > 1 ? stacks * STACK_LABEL : 0);
    const { paddingLeft, paddingRight } = getComputedStyle(element);
    const width = element.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight) - 2;
    const roomy = (width - ROOMY.label) / columns - ROOMY.gap;
    const dense = roomy < DENSE_BELOW;
    const { label, gap } = dense ? DENSE : ROOMY;
    const byWidth = (width - label) / columns - gap;
    const byHeight = (height - rows.length * (BELOW + 10)) / rows.length;
    const size =
      Math.floor(Math.min(Math.max(Math.min(byWidth, Math.max(byHeight, FITTED_CELL)), LEAST_CELL), MOST_CELL));
    grid.style.setProperty('--cell', `${size}px`);
    // What height is left over goes between the rows.
    const spare = height / rows.length - size - BELOW;
    grid.style.setProperty('--row-gap', `${Math.min(Math.max(spare, 10), 26)}px`);
    grid.style.setProperty('--columns', String(columns));
    grid.style.setProperty('--label', `${label}px`);
    grid.style.setProperty('--gap', `${gap}px`);
    grid.classList.toggle('dense', dense);
  };
  new ResizeObserver(() => {
    fit();
    onResize();
  }).observe(element);

  return {
    element,
    /** @param {() => void} listener */
    onResize(listener) {
      onResize = listener;
    },
    /** @param {string} model @param {Row[]} next */
    build(model, next) {
      if (built === model) return;
      built = model;
      rows = next;
      cells.clear();
      headers.clear();
      fill(grid, ...makeRows(context, model, rows, cells, headers));
      fit();
    },
    /** @param {string} id */
    select(id) {
      for (const [key, { cell }] of cells) {
        const selected = key === id;
        cell.tabIndex = selected ? 0 : -1;
        cell.setAttribute('aria-selected', String(selected));
      }
    },
    bars: () => [...cells.values()],
    /** Where the cells are, relative to the grid's own corner. */
    measure() {
      /** @type {{id: string, rect: Rect}[]} */
      const places = [];
      for (const [id, { cell }] of cells) {
        const map = /** @type {HTMLElement} */ (cell.firstElementChild);
        places.push({ id,
          rect: { x: map.offsetLeft + 1, y: map.offsetTop + 1, width: map.clientWidth, height: map.clientHeight } });
      }
      return { width: grid.scrollWidth, height: grid.scrollHeight, cells: places };
    },
    /** @param {KeyboardEvent} event */
    key(event) {
      const selected = state.get().head;
      if (event.key === 'Enter' && headAt(event.target)) {
        open(headAt(event.target)?.head.id ?? selected);
        return true;
      }
      const step = STEPS[event.key];
      if (!step) return false;
      const next = grid.contains(document.activeElement)
        ? neighbour(rows, selected, ...step) : report.head(state.get().model, selected);
      if (next) {
        state.set({ head: next.id }, { push: false });
        const cell = cells.get(next.id)?.cell;
        cell?.focus();
        cell?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      }
      return true;
    },
  };
}
