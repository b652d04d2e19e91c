/** A matrix that is zoomed, moved and read cell by cell: the canvas, its names and its crosshair. */
import { cssColor } from '../../draw/color.js';
import { el } from '../element.js';
import { marksOf } from '../figure/ink.js';
import { STEPS } from '../steps.js';
import { createCrosshair } from './crosshair.js';
import { attachHands } from './hands.js';
import { gutterOf, MatrixPicture, paintCells, paintNames } from './picture.js';
import {
  boundViewport, cellAt, fitViewport, inSight, panViewport, revealCell, zoomPoint, zoomViewport,
} from './viewport.js';

/** @import { Heat } from '../../draw/heat.js' */
/** @import { Colors } from '../types.js' */
/** @import { Figure } from '../figure/types.js' */
/** @import { Buffer, Rows } from './picture.js' */
/** @import { Extent, Viewport } from './viewport.js' */

/** @typedef {{row: number, column: number}} Cell */
/**
 * @typedef {object} Content what a matrix shows
 * @property {Rows} row
 * @property {Extent} extent
 * @property {(row: number) => string} rowName
 * @property {(column: number) => string} columnName
 */
/**
 * @typedef {object} SurfaceEvents
 * @property {() => Pick<Colors, 'ink' | 'heat'> & {below?: Heat}} colors of the theme; `below` for what is under 0
 * @property {(cell: Cell | undefined) => void} onPoint undefined: none any more
 * @property {(cell: Cell) => void} onPick
 * @property {(largest: number) => void} onPaint told the strongest value found so far
 * @property {(viewport: Viewport) => void} [onLook] told where another part is looked at by hand
 */

const KEY_ZOOM = 1.4;
/** Names of columns lean to the right of the last one. */
const LEAN = 60;

export class MatrixSurface {
  #events;
  #picture = new MatrixPicture();
  #canvas = el('canvas', { class: 'big-matrix-canvas', 'aria-hidden': 'true' });
  #cross = createCrosshair();
  element = el('div', { class: 'big-matrix', tabIndex: 0, role: 'img' }, this.#canvas, ...this.#cross.elements);
  /** A strongest value that the shades stand for at least, so that several matrices share a scale. */
  top = 0;
  /** @type {Content | undefined} */
  #content;
  /** @type {Viewport | undefined} */
  #viewport;
  /** What was filled in last, and for which part. @type {{buffer: Buffer, viewport: Viewport} | undefined} */
  #filled;
  /** The cell that is read. @type {Cell | undefined} */
  cell;

  /** @param {SurfaceEvents} events */
  constructor(events) {
    this.#events = events;
    const cellUnder = (/** @type {number} */ x, /** @type {number} */ y) => (
      this.#viewport && cellAt(this.#viewport, x, y, this.#extent));
    attachHands(this.element, () => this.#gutter, {
      onPan: (dx, dy) => this.#move((viewport) => panViewport(viewport, dx, dy, this.#extent, this.#room)),
      onZoom: (factor, x, y) => this.#zoom(factor, x, y),
      onPoint: (x, y) => events.onPoint(cellUnder(x, y)),
      onLeave: () => events.onPoint(undefined),
      onTap: (x, y) => {
        const cell = cellUnder(x, y);
        if (cell) events.onPick(cell);
      },
      onReset: () => this.#move(() => fitViewport(this.#extent, this.#room)),
    });
    new ResizeObserver(() => {
      if (this.element.clientWidth === 0 || !this.#viewport) return;
      this.look(boundViewport(this.#viewport, this.#extent, this.#room));
    }).observe(this.element);
  }

  /** @returns {Extent} */
  get #extent() {
    return this.#content?.extent ?? { rows: 0, columns: 0 };
  }

  get #gutter() {
    return gutterOf(this.element.clientWidth);
  }

  get #room() {
    return { width: Math.max(1, this.element.clientWidth - this.#gutter.left),
      height: Math.max(1, this.element.clientHeight - this.#gutter.top) };
  }

  /**
   * Shows a matrix; resolves when it is filled in.
   * @param {Content} content the same object while nothing but the look changes
   * @param {{again: boolean, cell: Cell | undefined}} how whether it is looked at as at first; the cell to be seen
   */
  async show(content, { again, cell }) {
    if (content !== this.#content) this.#picture.forget();
    this.#content = content;
    if (again || !this.#viewport) this.#viewport = fitViewport(this.#extent, this.#room);
    if (cell) {
      this.cell = cell;
      this.#viewport = revealCell(this.#viewport, cell, this.#extent, this.#room);
    }
    await this.#refill();
    this.mark(cell);
  }

  /** Looks at a part. @param {Viewport} viewport */
  look(viewport) {
    if (!this.#content) return;
    this.#viewport = viewport;
    this.mark(this.cell);
    this.repaint();
    void this.#refill();
  }

  /** Shows the crosshair at a cell, or none. @param {Cell | undefined} cell */
  mark(cell) {
    if (cell && this.#viewport) this.#cross.show(cell, this.#sightOf(this.#viewport));
    else this.#cross.hide();
  }

  /** Where a cell's right upper corner is in the window. @param {Cell} cell */
  corner({ row, column }) {
    const { left, top } = this.element.getBoundingClientRect();
    const { x, y, scale } = this.#viewport ?? { x: 0, y: 0, scale: 1 };
    const gutter = this.#gutter;
    return { x: left + gutter.left + (column + 1 - x) * scale, y: top + gutter.top + (row - y) * scale };
  }

  /** @param {string} key @returns {Cell | boolean} the cell that arrow keys went to, or whether the key was used */
  key(key) {
    const step = STEPS[key];
    if (step) {
      const { row, column } = this.cell ?? { row: -step[1], column: -step[0] };
      const { rows, columns } = this.#extent;
      const cell = { row: Math.min(Math.max(row + step[1], 0), rows - 1),
        column: Math.min(Math.max(column + step[0], 0), columns - 1) };
      this.#move((viewport) => revealCell(viewport, cell, this.#extent, this.#room));
      return cell;
    }
    if (key === '+' || key === '=') this.#zoomByKey(KEY_ZOOM);
    else if (key === '-') this.#zoomByKey(1 / KEY_ZOOM);
    else if (key === '0') this.#move(() => fitViewport(this.#extent, this.#room));
    else return false;
    return true;
  }

  repaint() {
    const [viewport, content] = [this.#viewport, this.#content];
    if (!viewport || !content) return;
    const ratio = window.devicePixelRatio || 1;
    const { clientWidth, clientHeight } = this.element;
    Object.assign(this.#canvas, { width: Math.round(clientWidth * ratio), height: Math.round(clientHeight * ratio) });
    const ink = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext('2d'));
    ink.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#events.onPaint(this.#picture.largest);
    this.#paint(ink, viewport, content);
  }

  /** The rows and columns of which any part is in sight. */
  get sight() {
    return inSight(this.#viewport ?? { x: 0, y: 0, scale: 1 }, this.#extent, this.#room);
  }

  /** @param {Viewport} viewport */
  #sightOf(viewport) {
    return { viewport, extent: this.#extent, room: this.#room, gutter: this.#gutter };
  }

  /** What is in sight, as marks: cells as a picture, names as texts. @returns {Figure} */
  figure() {
    const [viewport, content] = [this.#viewport, this.#content];
    const { x, y, scale } = viewport ?? { x: 0, y: 0, scale: 1 };
    const { rows, columns } = this.#extent;
    return {
      width: this.#gutter.left + Math.min(this.#room.width, (columns - x) * scale + LEAN),
      height: this.#gutter.top + Math.min(this.#room.height, (rows - y) * scale),
      marks: marksOf((ink) => viewport && content && this.#paint(ink, viewport, content)),
    };
  }

  /** @param {CanvasRenderingContext2D} ink in CSS pixels @param {Viewport} viewport @param {Content} content */
  #paint(ink, viewport, content) {
    const { heat, below, ink: color } = this.#events.colors();
    const sight = this.#sightOf(viewport);
    if (this.#filled?.viewport === viewport) {
      const largest = Math.max(this.#picture.largest, this.top);
      paintCells(ink, this.#filled.buffer, sight, { largest, heat, below });
    }
    ink.font = `12px ${getComputedStyle(this.element).fontFamily}`;
    ink.fillStyle = cssColor(color);
    paintNames(ink, sight, { row: content.rowName, column: content.columnName });
  }

  /** Looks at another part, by hand. @param {(viewport: Viewport) => Viewport} change */
  #move(change) {
    if (!this.#viewport) return;
    const viewport = change(this.#viewport);
    this.look(viewport);
    this.#events.onLook?.(viewport);
  }

  /** @param {number} factor */
  #zoomByKey(factor) {
    if (!this.#viewport) return;
    const { x, y } = zoomPoint(this.#viewport, this.cell, this.#room);
    this.#zoom(factor, x, y);
  }

  /** @param {number} factor @param {number} x @param {number} y */
  #zoom(factor, x, y) {
    this.#events.onPoint(undefined);
    this.#move((viewport) => zoomViewport(viewport, factor, x, y, this.#extent, this.#room));
  }

  /** Fills in what is in sight. */
  async #refill() {
    const [viewport, content] = [this.#viewport, this.#content];
    if (!viewport || !content) return;
    await this.#picture.fill(content.row, viewport, content.extent, this.#room, (buffer, complete) => {
      // What was there stays until the new picture is known in outline.
      if (!complete && this.#filled?.viewport === viewport) return;
      this.#filled = { buffer, viewport };
      this.repaint();
    });
  }
}
