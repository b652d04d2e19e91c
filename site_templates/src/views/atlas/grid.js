/** The cells of the atlas: layout, pointing, keyboard, names for screen readers. The points lie behind them. */
import { counterpart, neighbour } from '../../state/layout.js';
import { el, fill } from '../../parts/element.js';
import { headCard } from '../../parts/head-card.js';
import { STEPS } from '../../parts/steps.js';
import { headerKeys, makeRows } from './cells.js';
import { fitCells } from './fit.js';

/** @import { Rect } from '../../draw/types.js' */
/** @import { Context, Head } from '../../parts/types.js' */
/** @import { Block, Cell } from './cells.js' */

/** Of a row that stands for layers without heads, see atlas.css. */
const GAP_HEIGHT = 22;

/** A grid of cells, which a keyboard and a pointer go through. */
export class AtlasGrid {
  #context;
  #grid = el('div', { class: 'atlas-grid', role: 'grid', 'aria-label': 'Heads, layers down' });
  /** @type {readonly Block[]} */
  #blocks = [];
  /** @type {Map<Head, Cell>} */
  #cells = new Map();
  /** The cells by their elements. @type {Map<Element, Cell>} */
  #holders = new Map();
  /** @type {Map<string, HTMLElement>} */
  #headers = new Map();
  /** Between a cell's frame and that of its view, in pixels. */
  #rim = 0;
  /** Called when the room has changed, and the cells with it. */
  onResize = () => {};
  /**
   * Called with the cell that is pointed at, or has the focus; with none where there is no such cell.
   * @type {(cell: Cell | undefined) => void}
   */
  onPoint = () => {};

  /** @param {Context} context */
  constructor(context) {
    this.#context = context;
    this.element = el('div', { class: 'atlas-scroll' }, this.#grid);
    this.#listen();
    new ResizeObserver(() => {
      this.#fit();
      this.onResize();
    }).observe(this.element);
  }

  #listen() {
    this.#grid.addEventListener('pointerover', (event) => this.#point(event.target));
    this.#grid.addEventListener('pointerleave', () => this.#point(null));
    this.#grid.addEventListener('focusin', (event) => this.#point(event.target));
    this.#grid.addEventListener('focusout', () => this.#point(null));
    this.#grid.addEventListener('click', (event) => {
      const cell = this.#cellAt(event.target);
      if (cell) this.#open(cell);
    });
    this.element.addEventListener('scroll', () => this.#context.tooltip.hide(), { passive: true });
  }

  /** Makes the cells of stacks, unless they are there. @param {readonly Block[]} blocks */
  build(blocks) {
    if (namesOf(this.#blocks) === namesOf(blocks)) return;
    this.#blocks = blocks;
    this.#cells.clear();
    this.#headers.clear();
    fill(this.#grid, ...makeRows(this.#context, blocks, this.#cells, this.#headers));
    this.#holders = new Map([...this.#cells.values()].map((cell) => [cell.holder, cell]));
    this.#fit();
  }

  /** @param {Head | undefined} selection */
  select(selection) {
    for (const [head, { holder }] of this.#cells) {
      const selected = head === selection;
      holder.tabIndex = selected ? 0 : -1;
      holder.setAttribute('aria-selected', String(selected));
    }
  }

  /**
   * Lets the heads step back that a filter leaves out.
   * @param {ReadonlySet<Head> | undefined} fitting undefined: none is left out
   */
  fade(fitting) {
    for (const [head, { holder }] of this.#cells) {
      holder.classList.toggle('faded', fitting !== undefined && !fitting.has(head));
    }
  }

  /** The cells with their names. */
  get grid() {
    return this.#grid;
  }

  bars() {
    return [...this.#cells.values()];
  }

  /** Where the cells are, relative to the grid's own corner, and how wide their rim is. */
  measure() {
    const cells = [...this.#cells].map(([head, { holder, model }]) => {
      return { head, model, rect: rectOf(holder), faded: holder.classList.contains('faded') };
    });
    return { width: this.#grid.scrollWidth, height: this.#grid.scrollHeight, cells, rim: this.#rim };
  }

  /** Where a head's map is, relative to the grid's own corner. @param {Head} head */
  rectOf(head) {
    const cell = this.#cells.get(head);
    return cell && rectOf(cell.holder);
  }

  /** Keys that no control took; true if used. @param {KeyboardEvent} event */
  key(event) {
    const { state, report } = this.#context;
    const { model, head } = state.get();
    const cell = this.#cellAt(event.target);
    if (event.key === 'Enter' && cell) {
      this.#open(cell);
      return true;
    }
    const step = STEPS[event.key];
    if (!step) return false;
    const inside = this.#grid.contains(document.activeElement);
    const next = inside ? this.#beside(model, head, ...step) : report.head(model, head);
    if (next) this.#moveTo(next);
    return true;
  }

  /**
   * The head one step away; from the edge of a model, the next model's at the same place.
   * @param {string} model @param {string} id @param {number} across @param {number} down
   */
  #beside(model, id, across, down) {
    const models = [...new Set(this.#blocks.map((block) => block.model))];
    const rowsOf = (/** @type {string} */ name) => this.#blocks.filter((block) => block.model === name)
      .flatMap(({ rows }) => rows);
    const next = neighbour(rowsOf(model), id, across, down);
    const other = models[models.indexOf(model) + across + down];
    if (next || !other) return next;
    return counterpart(this.#context.report.heads(other), this.#context.report.head(model, id));
  }

  /** @param {Head} head */
  #moveTo(head) {
    const cell = this.#cells.get(head);
    if (!cell) return;
    this.#context.state.set({ model: cell.model, head: head.id }, { push: false });
    const { holder } = cell;
    holder.focus();
    holder.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  /** Opens a head, from where its cell is. @param {Cell} cell */
  #open({ holder, head, model }) {
    this.#context.origin = { head: head.id, box: mapOf(holder).getBoundingClientRect() };
    this.#context.state.set({ view: 'head', model, head: head.id });
  }

  /** @param {EventTarget | null} target */
  #cellAt(target) {
    const holder = target instanceof Element ? target.closest('[data-head]') : null;
    return holder ? this.#holders.get(holder) : undefined;
  }

  /** Tells of the head that is pointed at. @param {EventTarget | null} target */
  #point(target) {
    const { tooltip } = this.#context;
    const cell = this.#cellAt(target);
    this.#mark(cell);
    this.onPoint(cell);
    if (!cell) return tooltip.hide();
    tooltip.show(mapOf(cell.holder).getBoundingClientRect(), ...headCard(this.#context, cell.head, cell.model));
  }

  /** Marks the names of a cell's column and row. @param {Cell | undefined} cell */
  #mark(cell) {
    const marked = cell && headerKeys(cell.model, cell.head);
    for (const [key, header] of this.#headers) header.classList.toggle('marked', marked?.includes(key) ?? false);
  }

  #fit() {
    const { clientWidth, clientHeight } = this.element;
    if (this.#blocks.length === 0 || clientWidth === 0) return;
    const { paddingLeft, paddingRight } = getComputedStyle(this.element);
    const gaps = this.#grid.querySelectorAll('.atlas-gap').length;
    const width = clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight) - 2;
    const { across, label, gap, cell, rim, rowGap, lines, dense } =
      fitCells(this.#blocks.map(({ rows }) => rows), { width, height: clientHeight - gaps * GAP_HEIGHT });
    this.#grid.style.setProperty('--cell', `${cell}px`);
    this.#rim = rim;
    this.#grid.style.setProperty('--rim', `${rim}px`);
    this.#grid.style.setProperty('--row-gap', `${rowGap}px`);
    this.#grid.style.setProperty('--across', String(across));
    this.#grid.style.setProperty('--label', `${label}px`);
    this.#grid.style.setProperty('--gap', `${gap}px`);
    this.#grid.dataset.lines = String(lines);
    this.#grid.classList.toggle('dense', dense);
  }
}

/** The square of a cell that the points lie behind. @param {HTMLElement} holder */
function mapOf(holder) {
  return /** @type {HTMLElement} */ (holder.firstElementChild);
}

/** @param {HTMLElement} holder @returns {Rect} within the frame of its map */
function rectOf(holder) {
  const { offsetLeft, offsetTop, clientWidth, clientHeight } = mapOf(holder);
  return { x: offsetLeft + 1, y: offsetTop + 1, width: clientWidth, height: clientHeight };
}

/** By what blocks are told from others. @param {readonly Block[]} blocks */
function namesOf(blocks) {
  return JSON.stringify(blocks.map(({ model, rows }) => [model, rows[0].stack]));
}
