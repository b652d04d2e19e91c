/** The cells of the patterns: one canvas a head, filled in between frames. */
import { paintPeaks, pool, rowsToTake } from '../../draw/peaks.js';
import { headNumbers } from '../../state/layout.js';
import { el, fill } from '../../parts/element.js';
import { headInWords } from '../../parts/head-card.js';
import { percent } from '../../parts/numbers.js';
import { stackName } from '../../parts/stacks.js';

/** @import { Heat } from '../../draw/heat.js' */
/** @import { Row } from '../../state/layout.js' */
/** @import { Rows } from '../../parts/token-shares.js' */
/** @import { Head } from '../../parts/types.js' */

/** Lines of a pattern at most, in pixels of its canvas. */
const SIDE = 128;
/** How much wider than high a cell of one number is. */
const SHARE_RATIO = 4;
/** Work in one go, in milliseconds. */
const SLICE_MS = 10;

/**
 * @typedef {object} Cell
 * @property {Head} head
 * @property {HTMLElement} holder
 * @property {HTMLCanvasElement} canvas
 * @property {Float32Array | undefined} peaks
 * @property {number | undefined} share what the cell says, where it says one number
 * @property {{queries: number, keys: number}} size of the document's attention, once it is drawn
 */
/** @typedef {{head: Head, error: unknown}} Failure */
/**
 * @typedef {object} PatternEvents
 * @property {(head: Head) => void} onPick
 * @property {(head: Head | undefined, box: DOMRect) => void} onPoint undefined: none any more
 * @property {(head: Head) => Promise<Rows & {share?: number}>} load
 */

/** Patterns in rows of layers. */
export class PatternGrid {
  #events;
  #grid = el('div', { class: 'pattern-grid', role: 'grid', 'aria-label': 'Heads, layers down' });
  element = el('div', { class: 'pattern-scroll' }, this.#grid);
  /** @type {Map<string, Cell>} */
  #cells = new Map();
  /** The number of the painting that goes on: older ones stop. */
  #job = 0;
  /** Queries of which one is drawn, 1 for all. */
  #stride = 1;

  /** @param {PatternEvents} events */
  constructor(events) {
    this.#events = events;
    this.#grid.addEventListener('click', (event) => {
      const cell = this.#cellAt(event.target);
      if (cell) events.onPick(cell.head);
    });
    this.#grid.addEventListener('keydown', (event) => {
      const cell = this.#cellAt(event.target);
      if (event.key === 'Enter' && cell) events.onPick(cell.head);
    });
    for (const name of ['pointerover', 'focusin']) {
      this.#grid.addEventListener(name, ({ target }) => this.#point(this.#cellAt(target)));
    }
    for (const name of ['pointerleave', 'focusout']) {
      this.#grid.addEventListener(name, () => this.#point(undefined));
    }
  }

  /** The heads that are drawn, and the sizes of their attention. */
  get drawn() {
    const cells = [...this.#cells.values()].filter(({ peaks }) => peaks);
    return cells.map(({ head, size, share }) => ({ head, share, ...size }));
  }

  /** One query in so many is drawn. */
  get stride() {
    return this.#stride;
  }

  /** Makes empty cells. @param {readonly Row[]} rows */
  build(rows) {
    this.#job++;
    this.#stride = 1;
    this.#cells.clear();
    const numbers = headNumbers(rows);
    this.#grid.style.setProperty('--columns', String(numbers.length));
    const several = new Set(rows.map(({ stack }) => stack)).size > 1;
    fill(this.#grid, header(numbers), ...rows.flatMap((row, i) => [
      several && row.stack !== rows[i - 1]?.stack && el('b', { class: 'pattern-stack' }, stackName(row.stack)),
      this.#makeRow(row, numbers),
    ]));
  }

  /** @param {Row} row @param {readonly number[]} numbers of the columns' heads */
  #makeRow(row, numbers) {
    return el('div', { role: 'row', class: 'pattern-row' },
      el('span', { role: 'rowheader', class: 'row-label' }, `L${row.layer}`), ...row.heads.map((head) => {
        const canvas = el('canvas', { class: 'pattern', width: 1, height: 1, 'aria-hidden': 'true' });
        const holder = el('div',
          { class: 'pattern-holder', role: 'gridcell', tabIndex: -1, 'data-head': head.id,
            'aria-label': headInWords(head) }, canvas);
        holder.style.gridColumn = String(numbers.indexOf(head.head) + 2);
        this.#cells.set(head.id,
          { head, holder, canvas, peaks: undefined, share: undefined, size: { queries: 0, keys: 0 } });
        return holder;
      }));
  }

  /** @param {string} id */
  select(id) {
    for (const [key, { holder }] of this.#cells) {
      holder.tabIndex = key === id ? 0 : -1;
      holder.setAttribute('aria-selected', String(key === id));
    }
  }

  /** @param {string} id */
  focus(id) {
    this.#cells.get(id)?.holder.focus();
  }

  /**
   * Draws the cells that are not drawn yet.
   * @param {Heat} heat
   * @param {(drawn: number) => boolean} goOn told after each head how many are drawn; false stops
   * @returns {Promise<Failure[]>}
   */
  async paint(heat, goOn) {
    const job = ++this.#job;
    /** @type {Failure[]} */
    const failures = [];
    let drawn = 0;
    for (const cell of this.#cells.values()) {
      try {
        cell.peaks ??= await this.#fill(cell, job);
      } catch (error) {
        failures.push({ head: cell.head, error });
        cell.holder.classList.add('failed');
      }
      if (this.#job !== job) return failures;
      if (cell.peaks) paintCell(cell, heat);
      drawn++;
      if (!goOn(drawn)) return failures;
    }
    return failures;
  }

  /** @param {Heat} heat */
  repaint(heat) {
    for (const cell of this.#cells.values()) if (cell.peaks) paintCell(cell, heat);
  }

  /**
   * The strongest weight under each pixel; undefined where another painting began.
   * @param {Cell} cell @param {number} job
   */
  async #fill(cell, job) {
    const attention = await this.#events.load(cell.head);
    cell.share = attention.share;
    cell.size = { queries: attention.queries, keys: attention.keys };
    const [width, height] = [attention.keys, attention.queries].map((count) => Math.max(1, Math.min(count, SIDE)));
    const peaks = new Float32Array(width * height);
    const { rows, sampled } = rowsToTake(attention.queries, height);
    if (sampled) this.#stride = Math.round(attention.queries / rows.length);
    const count = sampled ? rows.length : attention.queries;
    let until = performance.now() + SLICE_MS;
    for (let at = 0; at < rows.length; at++) {
      pool(peaks, width, height, sampled ? at : rows[at], count, attention.row(rows[at]));
      if (performance.now() < until) continue;
      await new Promise((resolve) => { setTimeout(resolve); });
      if (this.#job !== job) return undefined;
      until = performance.now() + SLICE_MS;
    }
    Object.assign(cell.canvas, { width, height });
    const ratio = cell.share === undefined ? Math.min(Math.max(width / height, 0.5), 2) : SHARE_RATIO;
    cell.canvas.style.aspectRatio = String(ratio);
    if (cell.share !== undefined) {
      const words = Number.isNaN(cell.share) ? 'none' : percent(cell.share);
      cell.holder.append(el('span', { class: 'pattern-share' }, words));
      cell.holder.setAttribute('aria-label', `${headInWords(cell.head)} ${words}`);
    }
    return peaks;
  }

  /** @param {EventTarget | null} target */
  #cellAt(target) {
    const holder = target instanceof Element ? target.closest('[data-head]') : null;
    return holder instanceof HTMLElement ? this.#cells.get(holder.dataset.head ?? '') : undefined;
  }

  /** @param {Cell | undefined} cell */
  #point(cell) {
    this.#events.onPoint(cell?.head, (cell?.holder ?? this.#grid).getBoundingClientRect());
  }
}

/** @param {readonly number[]} numbers of the heads */
function header(numbers) {
  return el('div', { role: 'row', class: 'pattern-row pattern-heads' },
    el('span', { role: 'columnheader', class: 'corner' }, el('span', { class: 'offscreen' }, 'Layer')),
    ...numbers.map((number) => el('span', { role: 'columnheader', class: 'column-label' }, `H${number}`)));
}

/** @param {Cell} cell @param {Heat} heat */
function paintCell({ canvas, peaks, share }, heat) {
  const { width, height } = canvas;
  const ink = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const image = ink.createImageData(width, height);
  paintPeaks(/** @type {Float32Array} */ (peaks), share === undefined ? largestOf(peaks ?? []) : 1, image.data, heat);
  ink.putImageData(image, 0, 0);
}

/** @param {ArrayLike<number>} values */
function largestOf(values) {
  let largest = 0;
  for (let i = 0; i < values.length; i++) if (values[i] > largest) largest = values[i];
  return largest;
}
