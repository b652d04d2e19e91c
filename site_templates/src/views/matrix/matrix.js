/** One head's attention in one document as a matrix with its tokens: zoom, pan, a crosshair with the number. */
import { DocumentFrame } from '../../parts/document-frame.js';
import { shownAttention } from '../../parts/document-texts.js';
import { fill } from '../../parts/element.js';
import { createHeatLegend } from '../../parts/heat-legend.js';
import { createHideSwitch, leftOutOf, whatIsLeftOut } from '../../parts/left-out.js';
import { MatrixSurface } from '../../parts/matrix/surface.js';
import { nameToken } from '../../parts/names.js';
import { percent, plural } from '../../parts/numbers.js';
import { tokenFlags } from '../../parts/token-flags.js';
import { makeShares } from '../../parts/token-shares.js';
import { createWeightSwitch, isWeighted, WEIGHTED_IN_WORDS } from '../../parts/weighting.js';
import { matrixExhibit } from './exhibit.js';

/** @import { Selection, Side } from '../../state/types.js' */
/** @import { Attention } from '../../data/types.js' */
/** @import { Texts } from '../../parts/document-texts.js' */
/** @import { LeftOutKeys } from '../../parts/left-out.js' */
/** @import { Cell, Content } from '../../parts/matrix/surface.js' */
/** @import { Context, Head, View } from '../../parts/types.js' */

/** @implements {View} */
export class MatrixView {
  #context;
  #frame;
  #surface;
  #legend = createHeatLegend();
  #hideSwitch;
  #weightSwitch;
  /** @type {ReturnType<typeof makeShares> | undefined} */
  #shares;
  /** The tokens of each row and column. @type {Record<Side, readonly number[]>} */
  #order = { query: [], key: [] };
  /** @type {Content | undefined} */
  #content;
  /** The texts that are shown, and the attention; what was looked at belongs to the texts. */
  #place = '';

  /** @param {Context} context */
  constructor(context) {
    const { state, theme } = context;
    this.#context = context;
    this.#hideSwitch = createHideSwitch(state);
    this.#weightSwitch = createWeightSwitch(state);
    this.#surface = new MatrixSurface({
      colors: () => theme.colors(),
      onPoint: (cell) => this.#point(cell),
      onPick: (cell) => this.#pin(cell),
      onPaint: (largest) => this.#legend.show(largest, theme.colors().heat),
    });
    this.#frame = new DocumentFrame(context, {
      name: 'matrix', label: 'Attention as a matrix',
      hint: 'Drag moves, wheel or pinch zooms, arrow keys move the crosshair, Enter pins its query',
      failure: 'The matrix of this document cannot be drawn.',
      decisive: ['model', 'head', 'doc', 'words', 'hide', 'weighted'],
      beside: [this.#legend.element], body: [this.#surface.element],
    });
  }

  get element() {
    return this.#frame.element;
  }

  /** @param {Selection} selection */
  show(selection) {
    const { report, state } = this.#context;
    const of = report.head(selection.model, selection.head);
    const weighted = isWeighted(this.#context, selection, of ? [of] : []);
    return this.#frame.show(selection,
      ({ texts }) => report.attention(selection.model, selection.head, texts.document, weighted),
      async (stored, { texts, loaded }) => {
        const head = /** @type {Head} */ (report.head(selection.model, selection.head));
        const leftOut = leftOutOf(this.#context, selection.model, [head], texts);
        const flags = tokenFlags(state, selection, loaded, { hideSwitch: this.#hideSwitch, leftOut });
        this.#weightSwitch.show(this.#context, selection, [head]);
        fill(this.#frame.tools, ...flags, this.#weightSwitch.element);
        const place = [selection.model, ...Object.values(texts.axes), texts.document, selection.hide, texts.joined,
          weighted].join(' ');
        this.#order = {
          query: remaining(selection, texts.queries.special), key: remaining(selection, leftOut.keys),
        };
        this.#setContent(texts, { attention: shownAttention(texts, stored), keys: leftOut.keys },
          place, selection.hide);
        this.#say(selection, leftOut, weighted);
        const cell = this.#pinnedCell(selection);
        const again = place !== this.#place;
        this.#place = place;
        await this.#surface.show(/** @type {Content} */ (this.#content), { again, cell });
      });
  }

  hide() {
    this.#context.tooltip.hide();
  }

  redraw() {
    this.#surface.repaint();
  }

  exhibit() {
    const { state, report } = this.#context;
    const { texts, lede } = this.#frame;
    const head = report.head(state.get().model, state.get().head);
    if (!texts || !this.#content || !head || this.#surface.element.hidden) return undefined;
    return matrixExhibit({ head, document: texts.document, words: lede.textContent ?? '', content: this.#content,
      order: this.#order, surface: this.#surface, legend: this.#legend.element });
  }

  /** @param {KeyboardEvent} event */
  key({ key }) {
    const { announce, state } = this.#context;
    const used = this.#surface.key(key);
    if (typeof used === 'object') {
      this.#point(used);
      announce(this.#words(used));
    } else if (!used) {
      if (key === 'Enter' && this.#surface.cell) this.#pin(this.#surface.cell);
      else if (key === 'Escape' && state.get().token !== null) state.set({ token: null });
      else return false;
    }
    return true;
  }

  /**
   * Makes what is shown, unless it is shown already.
   * @param {Texts} texts @param {{attention: Attention, keys: readonly boolean[]}} what and which keys can be left out
   * @param {string} place @param {boolean} hide
   */
  #setContent(texts, { attention, keys }, place, hide) {
    if (this.#shares?.attention === attention && this.#place === place) return;
    const shares = makeShares(attention, texts, keys);
    const { query, key } = this.#order;
    this.#shares = shares;
    this.#content = {
      extent: { rows: query.length, columns: key.length },
      row(at) {
        const { values } = shares.row(query[at], hide);
        return key.length === values.length ? values : key.map((token) => values[token]);
      },
      rowName: (at) => nameToken(texts.queries, query[at]),
      columnName: (at) => nameToken(texts.keys, key[at]),
    };
  }

  /** @param {Selection} selection @param {LeftOutKeys} leftOut @param {boolean} weighted */
  #say({ head, hide }, leftOut, weighted) {
    const { query, key } = this.#order;
    const { lede } = this.#frame;
    fill(lede, `${head}: ${plural(query.length, 'query', 'queries')} down, ${plural(key.length, 'key')} across`,
      hide && `; ${whatIsLeftOut(leftOut)} left out, the rest of each row made whole`, '.',
      weighted && ` ${WEIGHTED_IN_WORDS}`);
    this.#sayLeftOut(undefined);
    this.#surface.element.setAttribute('aria-label', `${lede.textContent} Arrow keys read its cells.`);
  }

  /** What is left out of the row that is pointed at, and of the head. @param {Cell | undefined} cell */
  #sayLeftOut(cell) {
    const { head, hide } = this.#context.state.get();
    const shares = this.#shares;
    if (!hide || !shares) return;
    this.#hideSwitch.say(cell && shares.leftOutShare(this.#order.query[cell.row]),
      [{ id: head, share: shares.meanLeftOut() }]);
  }

  /** The cell of the pinned token, with what was read last. @param {Selection} selection @returns {Cell | undefined} */
  #pinnedCell(selection) {
    const pinned = this.#frame.pinned(selection);
    const at = pinned ? this.#order[pinned.side].indexOf(pinned.token) : -1;
    if (at < 0) return undefined;
    const { row, column } = this.#surface.cell ?? { row: 0, column: 0 };
    return pinned?.side === 'query' ? { row: at, column } : { row, column: at };
  }

  /** @param {Cell | undefined} cell */
  #point(cell) {
    const { tooltip } = this.#context;
    this.#surface.cell = cell ?? this.#surface.cell;
    this.#surface.mark(cell);
    this.#sayLeftOut(cell);
    if (cell) tooltip.show(this.#surface.corner(cell), this.#words(cell));
    else tooltip.hide();
  }

  /** "tried → she 12.3 %". @param {Cell} cell */
  #words({ row, column }) {
    const value = this.#shares?.row(this.#order.query[row], this.#context.state.get().hide)
      .values[this.#order.key[column]] ?? NaN;
    return `${this.#content?.rowName(row)} → ${this.#content?.columnName(column)} ${percent(value)}`;
  }

  /** Pins a row's query. @param {Cell} cell */
  #pin(cell) {
    this.#surface.cell = cell;
    this.#frame.pin('query', this.#order.query[cell.row]);
  }
}

/** The tokens that are not left out. @param {Selection} selection @param {readonly boolean[]} leftOut */
function remaining({ hide }, leftOut) {
  return [...leftOut.keys()].filter((token) => !hide || !leftOut[token]);
}
