/** A document's attention as a small picture, filled in between frames so that pointing stays quick. */
import { paintPeaks, pool, rowsToTake } from '../../draw/peaks.js';
import { el, fill } from '../../parts/element.js';
import { createHeatLegend } from '../../parts/heat-legend.js';

/** @import { Rows } from '../../parts/token-shares.js' */
/** @import { Context } from '../../parts/types.js' */

/** Lines of the picture at most, in CSS pixels. */
const SIDE = 400;
const MOST_CELL = 26;
/** Work in one go. */
const SLICE_MS = 8;

/**
 * @typedef {object} MatrixEvents
 * @property {(query: number, key: number, at: {x: number, y: number}) => void} onPoint
 * @property {() => void} onLeave
 * @property {(query: number) => void} onPick
 */

/** A picture of one document's attention. */
export class Matrix {
  #theme;
  #canvas = el('canvas', {
    class: 'matrix-canvas', role: 'img', 'aria-label': 'Attention matrix: queries down, keys across',
  });
  #row = el('span', { class: 'matrix-row', hidden: true });
  #column = el('span', { class: 'matrix-column', hidden: true });
  #frame = el('div', { class: 'matrix-frame' }, this.#canvas, this.#row, this.#column);
  #caption = el('p', { class: 'quiet matrix-caption' });
  #legend = createHeatLegend();
  element = el('section', { class: 'matrix-section', hidden: true },
    el('h3', {}, 'Matrix', this.#legend.element), this.#frame, this.#caption);
  /** @type {Rows | undefined} */
  #attention;
  /** The strongest weight under each pixel. @type {Float32Array} */
  #peaks = new Float32Array(0);
  /** The number of the filling that goes on: older ones stop. */
  #job = 0;

  /** @param {Context} context @param {MatrixEvents} events */
  constructor({ theme }, { onPoint, onLeave, onPick }) {
    this.#theme = theme;
    this.#canvas.addEventListener('pointermove', (event) => {
      const cell = this.#cellAt(event);
      if (cell) onPoint(cell.query, cell.key, { x: event.clientX, y: event.clientY });
    });
    this.#canvas.addEventListener('pointerleave', onLeave);
    this.#canvas.addEventListener('click', (event) => {
      const cell = this.#cellAt(event);
      if (cell) onPick(cell.query);
    });
  }

  /** @param {Rows | undefined} attention */
  show(attention) {
    if (attention === this.#attention) return;
    this.#attention = attention;
    this.#job++;
    this.element.hidden = !attention;
    if (!attention) return;
    this.#resize(attention);
    const { width, height } = this.#canvas;
    this.#peaks = new Float32Array(width * height);
    const { rows, sampled } = rowsToTake(attention.queries, height);
    const pooled = attention.keys > width ? 'A pixel shows the strongest weight it covers.' : '';
    fill(this.#caption, 'Queries down, keys across. ',
      sampled ? `One query in ${Math.round(attention.queries / rows.length)} is drawn.` : pooled);
    this.#fillFrom(attention, rows, 0, this.#job);
  }

  repaint() {
    if (this.#peaks.length === 0) return;
    const { width, height } = this.#canvas;
    const { heat } = this.#theme.colors();
    const ink = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext('2d'));
    const image = ink.createImageData(width, height);
    const largest = this.#peaks.reduce((most, value) => Math.max(most, value), 0);
    paintPeaks(this.#peaks, largest, image.data, heat);
    this.#legend.show(largest, heat);
    ink.putImageData(image, 0, 0);
  }

  /** Marks a query's row and a key's column. @param {number | null} query @param {number | null} key */
  mark(query, key) {
    const attention = this.#attention;
    this.#row.hidden = query === null || !attention;
    this.#column.hidden = key === null || !attention;
    if (!attention) return;
    if (query !== null) {
      this.#row.style.top = `${(100 * query) / attention.queries}%`;
      this.#row.style.height = `${100 / attention.queries}%`;
    }
    if (key !== null) {
      this.#column.style.left = `${(100 * key) / attention.keys}%`;
      this.#column.style.width = `${100 / attention.keys}%`;
    }
  }

  /** @param {Rows} attention */
  #resize({ queries, keys }) {
    const pixels = Math.round(SIDE * Math.min(window.devicePixelRatio || 1, 2));
    this.#canvas.width = Math.max(1, Math.min(keys, pixels));
    this.#canvas.height = Math.max(1, Math.min(queries, pixels));
    // A handful of tokens makes no large squares; two axes of different lengths make an oblong.
    const shape = Math.min(Math.max(keys / queries, 0.5), 2);
    const { style } = this.#frame;
    style.aspectRatio = String(shape);
    style.width = `calc(var(--matrix) * ${Math.min(shape, 1)})`;
    style.maxWidth = `${MOST_CELL * Math.max(keys, queries) * Math.min(shape, 1)}px`;
  }

  /**
   * Fills in rows for a while, paints, and goes on after the page had its turn.
   * @param {Rows} attention
   * @param {readonly number[]} rows
   * @param {number} first of the rows
   * @param {number} job
   */
  #fillFrom(attention, rows, first, job) {
    if (this.#job !== job) return;
    const { width, height } = this.#canvas;
    const until = performance.now() + SLICE_MS;
    // Where rows are sampled, each stands for its own line of pixels.
    const sampled = rows.length < attention.queries;
    const count = sampled ? rows.length : attention.queries;
    let at = first;
    for (; at < rows.length && performance.now() < until; at++) {
      pool(this.#peaks, width, height, sampled ? at : rows[at], count, attention.row(rows[at]));
    }
    if (at < rows.length) setTimeout(() => this.#fillFrom(attention, rows, at, job));
    this.repaint();
  }

  /** The cell under a pointer. @param {MouseEvent} event */
  #cellAt(event) {
    const box = this.#canvas.getBoundingClientRect();
    const attention = this.#attention;
    if (!attention || box.width === 0) return undefined;
    const { queries, keys } = attention;
    const key = Math.floor(((event.clientX - box.left) / box.width) * keys);
    const query = Math.floor(((event.clientY - box.top) / box.height) * queries);
    return query >= 0 && key >= 0 && query < queries && key < keys ? { query, key } : undefined;
  }
}
