/** The picture of the part of a matrix in sight: filled in between frames, and painted with its tokens. */
import { paintPeaks, pool } from '../../draw/peaks.js';
import { clip } from '../names.js';
import { inSight } from './viewport.js';

/** @import { Heat } from '../../draw/heat.js' */
/** @import { Extent, Room, Viewport } from './viewport.js' */

/** @typedef {{left: number, top: number, letters: number}} Gutter room for names, in CSS pixels: left of the rows and
 * above the columns; and the letters of the longest name */
/** @type {Gutter} */
const ROOMY = { left: 116, top: 92, letters: 18 };
/** Of narrow pictures, so that most of them is matrix. @type {Gutter} */
const NARROW = { left: 62, top: 54, letters: 8 };
const NARROW_BELOW = 460;
/** Names are drawn from this many pixels a cell on; below, numbers of tokens are. */
const NAMED = 10;
/** Work in one go, in milliseconds. */
const SLICE_MS = 10;
/** Rows are taken one in so many first, so that the whole is seen soon. */
const STRIDE = 16;
/** Values of rows that are kept for the next look, 4 bytes each. */
const KEPT = 8e6;
/** Pixels between numbers along an axis. */
const BETWEEN_TICKS = 46;

/** @typedef {(row: number) => ArrayLike<number>} Rows weights of a row, a column each */
/** @typedef {{viewport: Viewport, extent: Extent, room: Room, gutter: Gutter}} Sight */
/** @typedef {{peaks: Float32Array, width: number, height: number}} Buffer the strongest weight under each pixel */

/** @param {number} width of the whole picture */
export function gutterOf(width) {
  return width < NARROW_BELOW ? NARROW : ROOMY;
}

/** Fills in, and paints. */
export class MatrixPicture {
  /** @type {Map<number, Float32Array>} */
  #kept = new Map();
  #job = 0;
  /** The strongest weight found so far. */
  largest = 0;

  forget() {
    this.#kept.clear();
    this.#job++;
    this.largest = 0;
  }

  /**
   * Fills a buffer with the strongest weight under each of its cells, and calls back after each slice of work.
   * @param {Rows} rows @param {Viewport} viewport @param {Extent} extent @param {Room} room
   * @param {(buffer: Buffer, complete: boolean) => void} onSlice
   */
  async fill(rows, viewport, extent, room, onSlice) {
    const job = ++this.#job;
    const { firstRow, endRow, firstColumn, endColumn } = inSight(viewport, extent, room);
    const [tall, wide] = [endRow - firstRow, endColumn - firstColumn];
    const shrink = Math.min(1, viewport.scale);
    const [width, height] = [wide, tall].map((count) => Math.max(1, Math.round(count * shrink)));
    const buffer = { peaks: new Float32Array(width * height), width, height };
    let until = performance.now() + SLICE_MS;
    for (let offset = 0; offset < STRIDE; offset++) {
      for (let row = firstRow + offset; row < endRow; row += STRIDE) {
        const values = this.#row(rows, row).subarray(firstColumn, endColumn);
        pool(buffer.peaks, width, height, row - firstRow, tall, values);
        if (performance.now() < until) continue;
        onSlice(buffer, false);
        await new Promise((resolve) => { setTimeout(resolve); });
        if (this.#job !== job) return;
        until = performance.now() + SLICE_MS;
      }
    }
    onSlice(buffer, true);
  }

  /** @param {Rows} rows @param {number} row */
  #row(rows, row) {
    const kept = this.#kept.get(row);
    if (kept) return kept;
    const values = Float32Array.from(rows(row));
    for (const value of values) this.largest = Math.max(this.largest, Math.abs(value) || 0);
    if (this.#kept.size * values.length > KEPT) this.#kept.clear();
    this.#kept.set(row, values);
    return values;
  }
}

/**
 * Paints a buffer where its cells are.
 * @param {CanvasRenderingContext2D} ink in CSS pixels
 * @param {Buffer} buffer
 * @param {Sight} sight
 * @param {{largest: number, heat: Heat, below?: Heat}} ladder what the strongest shade stands for, and the shades
 */
export function paintCells(ink, { peaks, width, height }, sight, { largest, heat, below }) {
  const { viewport, extent, room, gutter } = sight;
  const { firstRow, endRow, firstColumn, endColumn } = inSight(viewport, extent, room);
  const image = new ImageData(width, height);
  paintPeaks(peaks, largest, image.data, heat, below);
  const cells = new OffscreenCanvas(width, height);
  /** @type {OffscreenCanvasRenderingContext2D} */ (cells.getContext('2d')).putImageData(image, 0, 0);
  const { x, y, scale } = viewport;
  ink.save();
  ink.beginPath();
  ink.rect(gutter.left, gutter.top, room.width, room.height);
  ink.clip();
  ink.imageSmoothingEnabled = false;
  ink.drawImage(cells, gutter.left + (firstColumn - x) * scale, gutter.top + (firstRow - y) * scale,
    (endColumn - firstColumn) * scale, (endRow - firstRow) * scale);
  ink.restore();
}

/**
 * Names of rows and columns; numbers where cells are too small for names.
 * @param {CanvasRenderingContext2D} ink in CSS pixels, its font and colour set
 * @param {Sight} sight
 * @param {{row: (row: number) => string, column: (column: number) => string}} names
 */
export function paintNames(ink, { viewport, extent, room, gutter }, names) {
  const { firstRow, endRow, firstColumn, endColumn } = inSight(viewport, extent, room);
  const { x, y, scale } = viewport;
  const step = scale >= NAMED ? 1 : roundStep(BETWEEN_TICKS / scale);
  const text = (/** @type {(at: number) => string} */ name) => (
    (/** @type {number} */ at) => (step === 1 ? clip(name(at), gutter.letters) : String(at + 1)));
  ink.textBaseline = 'middle';
  ink.textAlign = 'right';
  for (let row = Math.ceil(firstRow / step) * step; row < endRow; row += step) {
    const at = (row + 0.5 - y) * scale;
    if (at < 0 || at > room.height) continue;
    ink.fillText(text(names.row)(row), gutter.left - 7, gutter.top + at, gutter.left - 10);
  }
  ink.textAlign = 'left';
  for (let column = Math.ceil(firstColumn / step) * step; column < endColumn; column += step) {
    const at = (column + 0.5 - x) * scale;
    if (at < 0 || at > room.width) continue;
    ink.save();
    ink.translate(gutter.left + at, gutter.top - 7);
    ink.rotate(-Math.PI / 3);
    ink.fillText(text(names.column)(column), 0, 0, gutter.top);
    ink.restore();
  }
}

/** A round number of tokens between two ticks, at least so many. @param {number} least */
function roundStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? least;
}
