/** Two columns of tokens that scroll together; only rows in sight are in the page, however long the document is. */
import { el, fill } from '../../parts/element.js';
import { nameToken } from '../../parts/names.js';

/** @import { Tokens } from '../../data/types.js' */
/** @import { Side } from '../../state/types.js' */
/** @import { Active } from '../../parts/token-shares.js' */

/** Height of a row, in CSS pixels. */
export const ROW = 25;
/** Rows that are in the page above and below those in sight. */
const SPARE = 6;

/** @typedef {{token: number, y: number}} Placed a token and the middle of its row, from the top of the canvas */
/**
 * @typedef {object} ColumnEvents
 * @property {(side: Side, token: number) => void} onPoint
 * @property {() => void} onLeave
 * @property {(side: Side, token: number) => void} onPick
 * @property {() => void} onMove the rows in sight have changed
 */
/** @typedef {(side: Side, token: number) => Node | null} Beside what stands beside a token */

/** @type {readonly Side[]} */
const SIDES = ['query', 'key'];
const LABELS = { query: 'Queries', key: 'Keys' };

/** The columns, and the canvas between them. */
export class Columns {
  #columns = { query: column('query'), key: column('key') };
  #canvas = el('canvas', { class: 'lines-canvas', 'aria-hidden': 'true' });
  #rows = el('div', { class: 'lines-rows' }, this.#columns.query, this.#columns.key);
  #scroll = el('div',
    { class: 'lines-scroll', tabIndex: 0, role: 'group', 'aria-label': 'Tokens, with lines between them' }, this.#rows);
  element = el('div', { class: 'lines-frame' }, this.#scroll, this.#canvas);
  /** Tokens in the columns, in order. @type {Record<Side, readonly number[]>} */
  #order = { query: [], key: [] };
  /** @type {Record<Side, Tokens> | undefined} */
  #tokens;
  /** @type {Active | undefined} */
  #active;
  #pinned = false;
  /** @type {Beside} */
  #beside = () => null;

  /** @param {ColumnEvents} events */
  constructor({ onPoint, onLeave, onPick, onMove }) {
    for (const side of SIDES) {
      const tokenAt = (/** @type {EventTarget | null} */ target) => {
        const row = target instanceof Element ? target.closest('[data-token]') : null;
        return row instanceof HTMLElement ? Number(row.dataset.token) : undefined;
      };
      this.#columns[side].addEventListener('pointerover', ({ target, pointerType }) => {
        const token = tokenAt(target);
        if (token !== undefined && pointerType !== 'touch') onPoint(side, token);
      });
      this.#columns[side].addEventListener('pointerleave', onLeave);
      this.#columns[side].addEventListener('click', ({ target }) => {
        const token = tokenAt(target);
        if (token !== undefined) onPick(side, token);
      });
    }
    this.#scroll.addEventListener('scroll', () => {
      this.#fill();
      onMove();
    }, { passive: true });
    new ResizeObserver(() => {
      if (this.#scroll.clientHeight === 0) return;
      this.#fill();
      onMove();
    }).observe(this.#scroll);
  }

  get canvas() {
    return this.#canvas;
  }

  /** The room between the columns. */
  get room() {
    const [left, right] = SIDES.map((side) => this.#columns[side].getBoundingClientRect());
    const home = this.element.getBoundingClientRect();
    return { left: left.right - home.left, right: right.left - home.left, width: this.element.clientWidth,
      height: this.element.clientHeight };
  }

  /**
   * @param {Record<Side, Tokens>} tokens
   * @param {Record<Side, readonly number[]>} order of those that are shown
   */
  setTokens(tokens, order) {
    this.#tokens = tokens;
    this.#order = order;
    this.#rows.style.height = `${ROW * Math.max(order.query.length, order.key.length)}px`;
    this.#fill();
  }

  scrollToTop() {
    this.#scroll.scrollTop = 0;
  }

  /** @param {Active | undefined} active @param {boolean} pinned @param {Beside} beside */
  mark(active, pinned, beside) {
    this.#active = active;
    this.#pinned = pinned;
    this.#beside = beside;
    this.#fill();
  }

  /** Brings a token into sight. @param {Active} active */
  reveal({ side, token }) {
    const at = this.#order[side].indexOf(token) * ROW;
    const { scrollTop, clientHeight } = this.#scroll;
    if (at < scrollTop) this.#scroll.scrollTop = at;
    else if (at + ROW > scrollTop + clientHeight) this.#scroll.scrollTop = at + ROW - clientHeight;
  }

  /** The next shown token of a column. @param {Active} active @param {number} step */
  beyond({ side, token }, step) {
    const order = this.#order[side];
    const at = order.indexOf(token);
    return order[Math.min(Math.max(at + step, 0), order.length - 1)] ?? token;
  }

  /** The rows of a column that can be seen, and where. @param {Side} side @returns {Placed[]} */
  inSight(side) {
    const { scrollTop, clientHeight } = this.#scroll;
    const [first, end] = [Math.floor(scrollTop / ROW), Math.ceil((scrollTop + clientHeight) / ROW)];
    return this.#order[side].slice(first, end)
      .map((token, i) => ({ token, y: (first + i + 0.5) * ROW - scrollTop }));
  }

  /** Where every row of a column is, in sight or not. @param {Side} side @returns {Map<number, number>} */
  places(side) {
    const { scrollTop } = this.#scroll;
    return new Map(this.#order[side].map((token, i) => [token, (i + 0.5) * ROW - scrollTop]));
  }

  #fill() {
    const { scrollTop, clientHeight } = this.#scroll;
    const first = Math.max(0, Math.floor(scrollTop / ROW) - SPARE);
    const end = Math.ceil((scrollTop + clientHeight) / ROW) + SPARE;
    for (const side of SIDES) {
      const order = this.#order[side];
      fill(this.#columns[side], ...order.slice(first, end).map((token, i) => this.#row(side, token, first + i)));
    }
  }

  /** @param {Side} side @param {number} token @param {number} at */
  #row(side, token, at) {
    const tokens = /** @type {Record<Side, Tokens>} */ (this.#tokens)[side];
    const active = this.#active?.side === side && this.#active.token === token;
    const row = el('div', {
      class: `lines-token${active ? ' active' : ''}${active && this.#pinned ? ' pinned' : ''}`,
      role: 'option', 'data-token': token, 'aria-selected': String(active),
      'aria-setsize': this.#order[side].length, 'aria-posinset': at + 1,
    }, el('bdi', { class: tokens.special[token] ? 'special' : '' }, nameToken(tokens, token)),
    this.#beside(side, token));
    row.style.top = `${at * ROW}px`;
    return row;
  }
}

/** @param {Side} side */
function column(side) {
  return el('div', { class: `lines-column ${side}`, role: 'listbox', 'aria-label': LABELS[side] });
}
