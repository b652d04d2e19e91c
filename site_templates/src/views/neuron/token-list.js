/** Tokens one below another, of which one is chosen; only those in sight are in the page. */
import { el, fill } from '../../parts/element.js';
import { nameToken } from '../../parts/names.js';

/** @import { Tokens } from '../../data/types.js' */
/** @import { Child } from '../../parts/element.js' */
/** @import { Side } from '../../state/types.js' */

/** Height of a row, in CSS pixels. */
const ROW = 26;
/** Rows that are in the page above and below those in sight. */
const SPARE = 6;

/**
 * @typedef {object} ListEvents
 * @property {(token: number) => void} onPick
 * @property {(token: number | undefined, row: DOMRect) => void} onPoint undefined: none any more
 */

export class TokenList {
  #side;
  #list;
  #scroll;
  element;
  /** @type {Tokens | undefined} */
  #tokens;
  #chosen = -1;
  /** What stands beside a token. @type {(token: number) => readonly Child[]} */
  #beside = () => [];

  /** @param {Side} side @param {ListEvents} events */
  constructor(side, { onPick, onPoint }) {
    this.#side = side;
    this.#list = el('div', { class: 'neuron-rows', role: 'listbox', tabIndex: 0,
      'aria-label': side === 'query' ? 'Queries' : 'Keys of the query' });
    this.#scroll = el('div', { class: 'neuron-scroll' }, this.#list);
    this.element = el('section', { class: `neuron-list of-${side}` },
      el('header', {}, ...(side === 'query' ? ['Query'] : ['Key', 'q × k', 'Score', 'Attention'])
        .map((title) => el('span', {}, title))), this.#scroll);
    const rowAt = (/** @type {EventTarget | null} */ target) => (
      /** @type {HTMLElement | null} */ (target instanceof Element ? target.closest('[data-token]') : null));
    this.#list.addEventListener('click', ({ target }) => {
      const row = rowAt(target);
      if (row) onPick(Number(row.dataset.token));
    });
    this.#list.addEventListener('pointerover', ({ target, pointerType }) => {
      const row = rowAt(target);
      if (row && pointerType !== 'touch') onPoint(Number(row.dataset.token), row.getBoundingClientRect());
    });
    this.#list.addEventListener('pointerleave', () => onPoint(undefined, this.#list.getBoundingClientRect()));
    this.#scroll.addEventListener('scroll', () => this.#fill(), { passive: true });
    new ResizeObserver(() => this.#fill()).observe(this.#scroll);
  }

  /**
   * @param {Tokens} tokens @param {number} chosen
   * @param {(token: number) => readonly Child[]} beside
   */
  show(tokens, chosen, beside) {
    const moved = chosen !== this.#chosen || tokens !== this.#tokens;
    this.#tokens = tokens;
    this.#chosen = chosen;
    this.#beside = beside;
    this.#list.style.height = `${ROW * tokens.texts.length}px`;
    if (moved) this.#reveal();
    this.#fill();
  }

  get width() {
    return this.#list.clientWidth;
  }

  focus() {
    this.#list.focus({ preventScroll: true });
  }

  #reveal() {
    const { scrollTop, clientHeight } = this.#scroll;
    const at = this.#chosen * ROW;
    if (at < scrollTop) this.#scroll.scrollTop = at - ROW;
    else if (at + ROW > scrollTop + clientHeight) this.#scroll.scrollTop = at - clientHeight / 2;
  }

  #fill() {
    const tokens = this.#tokens;
    if (!tokens || this.#scroll.clientHeight === 0) return;
    const { scrollTop, clientHeight } = this.#scroll;
    const first = Math.max(0, Math.floor(scrollTop / ROW) - SPARE);
    const end = Math.min(tokens.texts.length, Math.ceil((scrollTop + clientHeight) / ROW) + SPARE);
    const rows = Array.from({ length: Math.max(0, end - first) }, (_, i) => this.#row(tokens, first + i));
    fill(this.#list, ...rows);
    this.#list.setAttribute('aria-activedescendant', `neuron-${this.#side}-${this.#chosen}`);
  }

  /** @param {Tokens} tokens @param {number} token */
  #row(tokens, token) {
    const chosen = token === this.#chosen;
    const row = el('div', {
      id: `neuron-${this.#side}-${token}`, class: `neuron-row${chosen ? ' chosen' : ''}`, role: 'option',
      'data-token': token, 'aria-selected': String(chosen), 'aria-setsize': tokens.texts.length,
      'aria-posinset': token + 1,
    }, el('bdi', { class: tokens.special[token] ? 'special' : '' }, nameToken(tokens, token)), ...this.#beside(token));
    row.style.top = `${token * ROW}px`;
    return row;
  }
}
