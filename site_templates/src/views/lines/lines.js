/** One document as two columns of tokens, and the attention of any set of heads as lines between them. */
import { DocumentPicker } from '../../parts/document-picker.js';
import {
  joinTexts, linkedToken, loadTexts, shownAttention, shownIndex, tokensOf,
} from '../../parts/document-texts.js';
import { choice, el, fill } from '../../parts/element.js';
import { emptyCard } from '../../parts/empty-document.js';
import { roughPercent } from '../../parts/numbers.js';
import { problemCard } from '../../parts/problem.js';
import { tokenFlags } from '../../parts/token-flags.js';
import { makeShares } from '../../parts/token-shares.js';
import { createWays } from '../../parts/ways.js';
import { sharesBeside } from './beside.js';
import { Columns } from './columns.js';
import { createHeadChips, hueOf, shownHeads } from './head-chips.js';
import { drawStrokes, LEAST, strokesFrom, strokesTo } from './strokes.js';

/** @import { Selection, Side } from '../../state/types.js' */
/** @import { Texts } from '../../parts/document-texts.js' */
/** @import { Active } from '../../parts/token-shares.js' */
/** @import { Context, Head, View } from '../../parts/types.js' */

/** @typedef {{head: Head, shares: ReturnType<typeof makeShares>}} Drawn */

const PARTS = [
  { value: 'all', text: 'all tokens' }, { value: 'aa', text: 'A to A' }, { value: 'ab', text: 'A to B' },
  { value: 'ba', text: 'B to A' }, { value: 'bb', text: 'B to B' },
];

/** @implements {View} */
export class LinesView {
  #context;
  #picker;
  #ways;
  #chips;
  #columns;
  #lede = el('p', { class: 'lede', 'aria-live': 'polite' });
  #problem = el('div', { class: 'problem-place' });
  #tools = el('div', { class: 'tools' });
  /** @type {Texts | undefined} */
  #texts;
  /** @type {readonly Drawn[]} */
  #drawn = [];
  /** The token whose lines are drawn alone. @type {Active | undefined} */
  #active;
  #place = '';

  /** @param {Context} context */
  constructor(context) {
    const { state } = context;
    this.#context = context;
    this.#picker = new DocumentPicker(() => state.get().doc ?? this.#texts?.document ?? 0,
      (doc) => state.set({ doc, token: null }));
    this.#ways = createWays(context, 'lines');
    this.#chips = createHeadChips(context);
    this.#columns = new Columns({
      onPoint: (side, token) => this.#look({ side, token }),
      onLeave: () => this.#look(undefined),
      onPick: (side, token) => this.#pin(side, token),
      onMove: () => this.#draw(),
    });
    this.element = el('section', { class: 'view lines', 'aria-label': 'Attention as lines' },
      el('div', { class: 'toolbar' }, this.#picker.element, this.#ways.element, this.#tools),
      this.#chips.element, this.#lede, this.#problem, this.#columns.element);
  }

  /** @param {Selection} selection */
  async show(selection) {
    this.#context.hint('Point at a token for its lines, click pins it; arrow keys move, Shift and arrows step heads');
    this.#ways.show();
    this.#chips.show(selection);
    try {
      const empty = await this.#load(selection);
      if (!this.#isCurrent(selection)) return;
      fill(this.#problem, empty);
      this.#columns.element.hidden = empty !== null;
      fill(this.#lede);
      if (!empty) this.#showToken(selection);
    } catch (error) {
      if (!this.#isCurrent(selection)) return;
      this.#columns.element.hidden = true;
      fill(this.#problem, problemCard(error, 'The lines of this document cannot be drawn.'));
      throw error;
    }
  }

  /**
   * Loads the document and its attention.
   * @param {Selection} selection
   * @returns {Promise<HTMLElement | null>} what stands in their place where the model did not take the document
   */
  async #load(selection) {
    const { report } = this.#context;
    const loaded = await loadTexts(this.#context, selection);
    const { lengths } = await report.axis(selection.model, loaded.axes.query);
    if (loaded.queries.texts.length === 0) {
      this.#picker.show(await report.documents(), loaded.document, lengths);
      return emptyCard(this.#context, selection, loaded);
    }
    const heads = shownHeads(report, selection);
    const stored = await Promise.all(heads.map(({ id }) => report.attention(selection.model, id, loaded.document)));
    const documents = await report.documents();
    if (!this.#isCurrent(selection)) return null;
    const texts = selection.words && loaded.joinable ? joinTexts(loaded) : loaded;
    this.#picker.show(documents, texts.document, lengths);
    this.#drawn = heads.map((head, i) => ({ head, shares: makeShares(shownAttention(texts, stored[i]), texts) }));
    this.#texts = texts;
    this.#showTools(selection, texts, loaded);
    const tokens = { query: texts.queries, key: texts.keys };
    this.#columns.setTokens(tokens,
      { query: orderOf(texts, 'query', selection), key: orderOf(texts, 'key', selection) });
    const place = `${selection.model} ${texts.document}`;
    if (place !== this.#place) this.#columns.scrollToTop();
    this.#place = place;
    return null;
  }

  /** @param {Selection} selection @param {Texts} texts @param {Texts} loaded the same, with subwords */
  #showTools(selection, texts, loaded) {
    const { state } = this.#context;
    const paired = ['query', 'key'].some((side) => tokensOf(texts, /** @type {Side} */ (side)).segment.includes(1));
    fill(this.#tools,
      paired && choice('Between', PARTS, selection.parts,
        (parts) => state.set({ parts: /** @type {Selection['parts']} */ (parts) }, { push: false })),
      ...tokenFlags(state, selection, loaded));
  }

  hide() {
    this.#context.tooltip.hide();
  }

  redraw() {
    this.#chips.show(this.#context.state.get());
    this.#mark();
  }

  /** @param {KeyboardEvent} event */
  key({ key }) {
    const { state } = this.#context;
    const texts = this.#texts;
    if (!texts) return false;
    const active = this.#active ?? { side: 'query', token: orderOf(texts, 'query', state.get())[0] ?? 0 };
    if (key === 'Escape') {
      if (state.get().token !== null) state.set({ token: null });
      else this.#look(undefined);
    } else if (key === 'Enter' && this.#active) this.#pin(active.side, active.token);
    else if (key === 'ArrowDown' || key === 'ArrowUp') {
      const token = this.#active ? this.#columns.beyond(active, key === 'ArrowDown' ? 1 : -1) : active.token;
      this.#move({ side: active.side, token });
    } else if (key === 'ArrowLeft' || key === 'ArrowRight') {
      const side = key === 'ArrowLeft' ? 'query' : 'key';
      const order = orderOf(texts, side, state.get());
      this.#move({ side, token: order.includes(active.token) ? active.token : order[0] ?? 0 });
    } else return false;
    return true;
  }

  /** @param {Active} active */
  #move(active) {
    const { state } = this.#context;
    if (state.get().token !== null && this.#texts) {
      state.set({ token: linkedToken(this.#texts, active.side, active.token), side: active.side }, { push: false });
    } else this.#look(active);
    this.#columns.reveal(active);
  }

  /** Pins a token; the pinned one is let go of. @param {Side} side @param {number} token */
  #pin(side, token) {
    const { state } = this.#context;
    const texts = this.#texts;
    if (!texts) return;
    const now = state.get();
    const again = now.token !== null && now.side === side && shownIndex(texts, side, now.token) === token;
    state.set({ doc: texts.document, token: again ? null : linkedToken(texts, side, token), side });
  }

  /** The lines of a token alone, unless one is pinned. @param {Active | undefined} active */
  #look(active) {
    if (this.#context.state.get().token !== null) return;
    this.#active = active;
    this.#mark();
  }

  /** @param {Selection} selection */
  #showToken({ token, side, model }) {
    const texts = this.#texts;
    if (!texts || !this.#isCurrent(this.#context.state.get())) return;
    const inside = token !== null && token < texts.words[side].wordOf.length;
    this.#active = inside && token !== null ? { side, token: shownIndex(texts, side, token) } : undefined;
    if (this.#active) this.#columns.reveal(this.#active);
    const heads = this.#drawn.map(({ head }) => head.id);
    fill(this.#lede, `Lines of ${heads.length > 4 ? `${heads.length} heads of ${model}` : heads.join(', ')}, from `,
      el('b', { class: 'query' }, 'queries'), ' to ', el('b', { class: 'key' }, 'keys'),
      `: shares from ${roughPercent(LEAST)} on, of the queries in sight.`);
    this.#mark();
  }

  /** Marks the token that is looked at, with its shares beside the other side's tokens, and draws. */
  #mark() {
    const { state } = this.#context;
    const active = this.#active;
    const { hide, token } = state.get();
    const { page } = this.#context.theme.colors();
    const values = active && this.#drawn.map(({ shares }) => (
      active.side === 'query' ? shares.row(active.token, hide) : shares.column(active.token, hide)).values);
    this.#columns.mark(active, token !== null, (side, other) => {
      if (!values || side === active.side) return null;
      return sharesBeside(this.#drawn.map(({ head }) => head), values.map((each) => each[other]), page);
    });
    this.#draw();
  }

  #draw() {
    const { canvas, room } = this.#columns;
    const ratio = window.devicePixelRatio || 1;
    Object.assign(canvas, { width: Math.round(room.width * ratio), height: Math.round(room.height * ratio) });
    const ink = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    ink.setTransform(ratio, 0, 0, ratio, 0, 0);
    const { page } = this.#context.theme.colors();
    const { hide } = this.#context.state.get();
    const places = { query: this.#columns.places('query'), key: this.#columns.places('key') };
    this.#drawn.forEach(({ shares }, i) => {
      drawStrokes(ink, this.#strokesOf(shares, places, hide), hueOf(i, page), room);
    });
  }

  /**
   * @param {Drawn['shares']} shares
   * @param {Record<Side, Map<number, number>>} places
   * @param {boolean} hide
   */
  #strokesOf(shares, places, hide) {
    const active = this.#active;
    const y = active && places[active.side].get(active.token);
    if (!active || y === undefined) {
      return strokesFrom(this.#columns.inSight('query'), places.key, (query) => shares.row(query, hide).values);
    }
    return active.side === 'key'
      ? strokesTo(y, places.query, shares.column(active.token, hide).values)
      : strokesFrom([{ token: active.token, y }], places.key, (query) => shares.row(query, hide).values);
  }

  /** Whether the view is still to show this selection's document and heads. @param {Selection} selection */
  #isCurrent(selection) {
    const now = this.#context.state.get();
    return now.view === 'lines' && (['model', 'head', 'doc', 'words', 'heads'].every((key) => (
      Reflect.get(now, key) === Reflect.get(selection, key))));
  }
}

/**
 * The tokens of a column: all, without special ones, or those of one part of a pair.
 * @param {Texts} texts @param {Side} side @param {Selection} selection
 */
function orderOf(texts, side, { hide, parts }) {
  const tokens = tokensOf(texts, side);
  const part = parts === 'all' ? undefined : 'ab'.indexOf(parts[side === 'query' ? 0 : 1]);
  return tokens.texts.map((_, i) => i)
    .filter((i) => !(hide && tokens.special[i]) && (part === undefined || tokens.segment[i] === part));
}
