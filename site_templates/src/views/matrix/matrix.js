/** One head's attention in one document as a matrix with its tokens: zoom, pan, a crosshair with the number. */
import { cssColor } from '../../draw/color.js';
import { DocumentPicker } from '../../parts/document-picker.js';
import { joinTexts, linkedToken, loadTexts, shownAttention, shownIndex, tokensOf } from '../../parts/document-texts.js';
import { el, fill } from '../../parts/element.js';
import { emptyCard } from '../../parts/empty-document.js';
import { createHeatLegend } from '../../parts/heat-legend.js';
import { clip, nameToken } from '../../parts/names.js';
import { percent, plural } from '../../parts/numbers.js';
import { problemCard } from '../../parts/problem.js';
import { STEPS } from '../../parts/steps.js';
import { tokenFlags } from '../../parts/token-flags.js';
import { makeShares } from '../../parts/token-shares.js';
import { createWays } from '../../parts/ways.js';
import { createCrosshair } from './crosshair.js';
import { attachHands } from './hands.js';
import { GUTTER, MatrixPicture, paintCells, paintNames } from './picture.js';
import { boundViewport, cellAt, fitViewport, panViewport, revealCell, zoomViewport } from './viewport.js';

/** @import { Selection, Side } from '../../state/types.js' */
/** @import { Texts } from '../../parts/document-texts.js' */
/** @import { Context, View } from '../../parts/types.js' */
/** @import { Extent, Viewport } from './viewport.js' */

/** @typedef {{row: number, column: number}} Cell */

const LONGEST_NAME = 18;
const KEY_ZOOM = 1.4;

/** @implements {View} */
export class MatrixView {
  #context;
  #picker;
  #ways;
  #picture = new MatrixPicture();
  #legend = createHeatLegend();
  #lede = el('p', { class: 'lede', 'aria-live': 'polite' });
  #problem = el('div', { class: 'problem-place' });
  #tools = el('div', { class: 'tools' });
  #canvas = el('canvas', { class: 'big-matrix-canvas', 'aria-hidden': 'true' });
  #cross = createCrosshair();
  #host = el('div', { class: 'big-matrix', tabIndex: 0, role: 'img' }, this.#canvas, ...this.#cross.elements);
  /** @type {Texts | undefined} */
  #texts;
  /** @type {ReturnType<typeof makeShares> | undefined} */
  #shares;
  /** The tokens of each row and column. @type {Record<Side, readonly number[]>} */
  #order = { query: [], key: [] };
  /** @type {Viewport | undefined} */
  #viewport;
  /** @type {Parameters<typeof paintCells>[1] | undefined} */
  #buffer;
  /** @type {Viewport | undefined} */
  #bufferViewport;
  /** @type {Cell | undefined} */
  #cell;
  #place = '';

  /** @param {Context} context */
  constructor(context) {
    const { state } = context;
    this.#context = context;
    this.#picker = new DocumentPicker(() => state.get().doc ?? this.#texts?.document ?? 0,
      (doc) => state.set({ doc, token: null }));
    this.#ways = createWays(context, 'matrix');
    this.element = el('section', { class: 'view matrix-view', 'aria-label': 'Attention as a matrix' },
      el('div', { class: 'toolbar' }, this.#picker.element, this.#ways.element, this.#tools),
      el('div', { class: 'matrix-lede' }, this.#lede, this.#legend.element), this.#problem, this.#host);
    attachHands(this.#host, GUTTER, {
      onPan: (dx, dy) => this.#look((viewport) => panViewport(viewport, dx, dy, this.#extent, this.#room)),
      onZoom: (factor, x, y) => this.#zoom(factor, x, y),
      onPoint: (x, y) => this.#point(this.#viewport && cellAt(this.#viewport, x, y, this.#extent)),
      onLeave: () => this.#point(undefined),
      onTap: (x, y) => this.#pin(this.#viewport && cellAt(this.#viewport, x, y, this.#extent)),
      onReset: () => this.#look(() => fitViewport(this.#extent, this.#room)),
    });
    new ResizeObserver(() => {
      if (this.#host.clientWidth === 0 || !this.#viewport) return;
      this.#look((viewport) => boundViewport(viewport, this.#extent, this.#room));
    }).observe(this.#host);
  }

  /** @returns {Extent} */
  get #extent() {
    return { rows: this.#order.query.length, columns: this.#order.key.length };
  }

  get #room() {
    return { width: Math.max(1, this.#host.clientWidth - GUTTER.left),
      height: Math.max(1, this.#host.clientHeight - GUTTER.top) };
  }

  /** @param {Selection} selection */
  async show(selection) {
    this.#context.hint('Drag moves, wheel or pinch zooms, arrow keys move the crosshair, Enter pins its query');
    this.#ways.show();
    try {
      const empty = await this.#load(selection);
      if (!this.#isCurrent(selection)) return;
      fill(this.#problem, empty);
      this.#host.hidden = empty !== null;
      if (empty) fill(this.#lede);
      else await this.#showMatrix(selection);
    } catch (error) {
      if (!this.#isCurrent(selection)) return;
      this.#host.hidden = true;
      fill(this.#problem, problemCard(error, 'The matrix of this document cannot be drawn.'));
      throw error;
    }
  }

  hide() {
    this.#context.tooltip.hide();
  }

  redraw() {
    this.#paint();
  }

  /** @param {KeyboardEvent} event */
  key({ key }) {
    const { width, height } = this.#room;
    const step = STEPS[key];
    if (step) {
      const { row, column } = this.#cell ?? { row: -step[1], column: -step[0] };
      const { rows, columns } = this.#extent;
      const cell = { row: Math.min(Math.max(row + step[1], 0), rows - 1),
        column: Math.min(Math.max(column + step[0], 0), columns - 1) };
      this.#look((viewport) => revealCell(viewport, cell, this.#extent, this.#room));
      this.#point(cell);
      this.#context.announce(this.#words(cell));
    } else if (key === '+' || key === '=') this.#zoom(KEY_ZOOM, width / 2, height / 2);
    else if (key === '-') this.#zoom(1 / KEY_ZOOM, width / 2, height / 2);
    else if (key === '0') this.#look(() => fitViewport(this.#extent, this.#room));
    else if (key === 'Enter' && this.#cell) this.#pin(this.#cell);
    else if (key === 'Escape' && this.#context.state.get().token !== null) this.#context.state.set({ token: null });
    else return false;
    return true;
  }

  /**
   * @param {Selection} selection
   * @returns {Promise<HTMLElement | null>} what stands in the matrix's place where the model did not take the document
   */
  async #load(selection) {
    const { report } = this.#context;
    const loaded = await loadTexts(this.#context, selection);
    const { lengths } = await report.axis(selection.model, loaded.axes.query);
    this.#picker.show(await report.documents(), loaded.document, lengths);
    if (loaded.queries.texts.length === 0) return emptyCard(this.#context, selection, loaded);
    const stored = await report.attention(selection.model, selection.head, loaded.document);
    if (!this.#isCurrent(selection)) return null;
    const texts = selection.words && loaded.joinable ? joinTexts(loaded) : loaded;
    const attention = shownAttention(texts, stored);
    if (this.#shares?.attention !== attention || this.#place !== placeOf(selection, texts)) {
      this.#shares = makeShares(attention, texts);
      this.#picture.forget();
    }
    fill(this.#tools, ...tokenFlags(this.#context.state, selection, loaded));
    const tokensFor = (/** @type {Side} */ side) => tokensOf(texts, side).texts.map((_, i) => i)
      .filter((i) => !selection.hide || !tokensOf(texts, side).special[i]);
    this.#order = { query: tokensFor('query'), key: tokensFor('key') };
    if (this.#place !== placeOf(selection, texts)) this.#viewport = undefined;
    this.#place = placeOf(selection, texts);
    this.#texts = texts;
    return null;
  }

  /** @param {Selection} selection */
  async #showMatrix({ head, token, side, hide }) {
    const { rows, columns } = this.#extent;
    fill(this.#lede, `${head}: ${plural(rows, 'query', 'queries')} down, ${plural(columns, 'key')} across`,
      hide && '; special tokens left out, the rest of each row made whole', '.');
    this.#host.setAttribute('aria-label', `${this.#lede.textContent} Arrow keys read its cells.`);
    this.#viewport ??= fitViewport(this.#extent, this.#room);
    const texts = /** @type {Texts} */ (this.#texts);
    const pinned = token === null ? -1 : this.#order[side].indexOf(shownIndex(texts, side, token));
    if (pinned >= 0) {
      const { row, column } = this.#cell ?? { row: 0, column: 0 };
      this.#cell = side === 'query' ? { row: pinned, column } : { row, column: pinned };
      this.#viewport = revealCell(this.#viewport, this.#cell, this.#extent, this.#room);
    }
    await this.#refill();
    this.#mark(pinned >= 0 ? this.#cell : undefined);
  }

  /** Looks at another part. @param {(viewport: Viewport) => Viewport} change */
  #look(change) {
    if (!this.#viewport) return;
    this.#viewport = change(this.#viewport);
    this.#mark(this.#cell);
    this.#paint();
    void this.#refill();
  }

  /** @param {number} factor @param {number} x @param {number} y */
  #zoom(factor, x, y) {
    this.#context.tooltip.hide();
    this.#look((viewport) => zoomViewport(viewport, factor, x, y, this.#extent, this.#room));
  }

  /** Fills in what is in sight. */
  async #refill() {
    const { hide } = this.#context.state.get();
    const [viewport, shares, { query, key }] = [this.#viewport, this.#shares, this.#order];
    if (!viewport || !shares) return;
    const row = (/** @type {number} */ at) => {
      const { values } = shares.row(query[at], hide);
      return key.length === values.length ? values : key.map((token) => values[token]);
    };
    await this.#picture.fill(row, viewport, this.#extent, this.#room, (buffer, complete) => {
      // What was there stays until the new picture is known in outline.
      if (!complete && this.#buffer && this.#bufferViewport === viewport) return;
      this.#buffer = buffer;
      this.#bufferViewport = viewport;
      this.#paint();
    });
  }

  #paint() {
    const [viewport, texts, buffer] = [this.#viewport, this.#texts, this.#buffer];
    if (!viewport || !texts) return;
    const ratio = window.devicePixelRatio || 1;
    const { clientWidth, clientHeight } = this.#host;
    Object.assign(this.#canvas, { width: Math.round(clientWidth * ratio), height: Math.round(clientHeight * ratio) });
    const ink = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext('2d'));
    ink.setTransform(ratio, 0, 0, ratio, 0, 0);
    const { heat, ink: color } = this.#context.theme.colors();
    if (buffer && this.#bufferViewport === viewport) {
      paintCells(ink, buffer, viewport, this.#extent, this.#room, this.#picture.largest, heat);
    }
    this.#legend.show(this.#picture.largest, heat);
    ink.font = `12px ${getComputedStyle(this.#host).fontFamily}`;
    ink.fillStyle = cssColor(color);
    paintNames(ink, viewport, this.#extent, this.#room, {
      row: (at) => clip(nameToken(texts.queries, this.#order.query[at]), LONGEST_NAME),
      column: (at) => clip(nameToken(texts.keys, this.#order.key[at]), LONGEST_NAME),
    });
  }

  /** @param {Cell | undefined} cell */
  #point(cell) {
    const { tooltip } = this.#context;
    this.#cell = cell ?? this.#cell;
    this.#mark(cell);
    if (!cell || !this.#viewport) return tooltip.hide();
    const { left, top } = this.#host.getBoundingClientRect();
    const { x, y, scale } = this.#viewport;
    const at = { x: left + GUTTER.left + (cell.column + 1 - x) * scale, y: top + GUTTER.top + (cell.row - y) * scale };
    tooltip.show(at, this.#words(cell));
  }

  /** "tried → she 12.3 %". @param {Cell} cell */
  #words({ row, column }) {
    const texts = /** @type {Texts} */ (this.#texts);
    const [query, key] = [this.#order.query[row], this.#order.key[column]];
    const value = this.#shares?.row(query, this.#context.state.get().hide).values[key] ?? NaN;
    return `${nameToken(texts.queries, query)} → ${nameToken(texts.keys, key)} ${percent(value)}`;
  }

  /** @param {Cell | undefined} cell */
  #mark(cell) {
    if (cell && this.#viewport) this.#cross.show(cell, this.#viewport, this.#extent, this.#room);
    else this.#cross.hide();
  }

  /** Pins a row's query. @param {Cell | undefined} cell */
  #pin(cell) {
    const texts = this.#texts;
    if (!cell || !texts) return;
    this.#cell = cell;
    const token = linkedToken(texts, 'query', this.#order.query[cell.row]);
    const { state } = this.#context;
    const again = state.get().token === token && state.get().side === 'query';
    state.set({ doc: texts.document, token: again ? null : token, side: 'query' });
  }

  /** Whether the view is still to show this selection's document and head. @param {Selection} selection */
  #isCurrent(selection) {
    const now = this.#context.state.get();
    return now.view === 'matrix' && ['model', 'head', 'doc', 'words', 'hide']
      .every((key) => Reflect.get(now, key) === Reflect.get(selection, key));
  }
}

/** @param {Selection} selection @param {Texts} texts */
function placeOf({ model, hide, words }, { document, axes }) {
  return `${model} ${axes.query} ${axes.key} ${document} ${hide} ${words}`;
}
