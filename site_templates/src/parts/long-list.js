/** A list of any length, of which only the rows in sight, and some around them, are in the page. */
import { el } from './element.js';

/** So many rows above and below those in sight: as far as arrow keys and a flick go before it is drawn anew. */
const AROUND = 20;

export class LongList {
  #element;
  #makeRow;
  /** How many rows there are. */
  #count = 0;
  /** Pixels of a row, all alike; 0 until one was seen. */
  #height = 0;
  /** Which rows are in the page. */
  #first = 0;
  #end = 0;

  /**
   * @param {HTMLElement} element scrolls, and holds the rows
   * @param {(row: number) => HTMLElement} makeRow a list item with a button
   */
  constructor(element, makeRow) {
    this.#element = element;
    this.#makeRow = makeRow;
    element.addEventListener('scroll', () => this.#draw());
  }

  /**
   * Shows so many rows, one of them in sight, what they say read anew.
   * @param {number} count
   * @param {number} [nearest]
   * @param {readonly Node[]} [after] what stands below the last row
   */
  show(count, nearest = 0, after = []) {
    this.#count = count;
    this.#height = this.#measure();
    this.#first = this.#end = 0;
    this.#put(Math.max(0, nearest - AROUND), after);
    this.#element.scrollTop = Math.max(0, (nearest + 0.5) * this.#height - this.#element.clientHeight / 2);
    this.#draw();
  }

  /** The height of the first row, put in the page for it. */
  #measure() {
    if (this.#count === 0) return this.#height;
    this.#element.replaceChildren(this.#makeRow(0));
    return /** @type {HTMLElement} */ (this.#element.firstElementChild).offsetHeight;
  }

  #draw() {
    if (!this.#height) return;
    const top = Math.floor(this.#element.scrollTop / this.#height);
    const bottom = Math.ceil((this.#element.scrollTop + this.#element.clientHeight) / this.#height);
    const isNear = top - this.#first >= Math.min(top, AROUND / 2)
      && this.#end - bottom >= Math.min(this.#count - bottom, AROUND / 2);
    if (!isNear) this.#put(Math.max(0, top - AROUND), [], Math.min(this.#count, bottom + AROUND));
  }

  /**
   * Puts rows in the page, room for the others above and below them, and the focus where it was.
   * @param {number} first
   * @param {readonly Node[]} after
   * @param {number} [end]
   */
  #put(first, after, end = Math.min(this.#count, first + 3 * AROUND)) {
    const element = this.#element;
    const focused = [...element.children].findIndex((child) => child.contains(document.activeElement));
    const row = focused < 0 ? -1 : this.#first + focused - 1;
    const below = after.length > 0 ? after : [...element.children].filter((child) => child.matches('.list-after'));
    const rows = Array.from({ length: end - first }, (_, i) => {
      const item = this.#makeRow(first + i);
      item.setAttribute('aria-setsize', String(this.#count));
      item.setAttribute('aria-posinset', String(first + i + 1));
      return item;
    });
    element.replaceChildren(this.#room(first), ...rows, this.#room(this.#count - end), ...below);
    this.#first = first;
    this.#end = end;
    if (row >= first && row < end) {
      rows[row - first].querySelector('button')?.focus({ preventScroll: true });
    }
  }

  /** Room for rows that are not in the page. @param {number} rows */
  #room(rows) {
    const room = el('li', { class: 'list-room', 'aria-hidden': 'true' });
    room.style.height = `${rows * this.#height}px`;
    return room;
  }
}
