/** One document as two columns of tokens, and the attention of any set of heads as lines between them. */
import { DocumentFrame } from '../../parts/document-frame.js';
import { linkedToken, shownAttention } from '../../parts/document-texts.js';
import { el, fill } from '../../parts/element.js';
import { createHideSwitch, leftOutOf } from '../../parts/left-out.js';
import { roughPercent } from '../../parts/numbers.js';
import { makeShares } from '../../parts/token-shares.js';
import { sharesBeside } from './beside.js';
import { Columns } from './columns.js';
import { linesExhibit } from './exhibit.js';
import { createHeadChips, hueOf, shownHeads } from './head-chips.js';
import { orderOf, partTools } from './parts.js';
import { drawStrokes, LEAST, strokesFrom, strokesTo } from './strokes.js';
import { createWeightSwitch, isWeighted, WEIGHTED_IN_WORDS } from '../../parts/weighting.js';

/** @import { Texts } from '../../parts/document-texts.js' */
/** @import { Selection, Side } from '../../state/types.js' */
/** @import { LeftOutKeys } from '../../parts/left-out.js' */
/** @import { Read } from '../../parts/document-frame.js' */
/** @import { Active } from '../../parts/token-shares.js' */
/** @import { Context, Head, View } from '../../parts/types.js' */

/** @typedef {{head: Head, leftOut: LeftOutKeys, shares: ReturnType<typeof makeShares>}} Drawn */

/** @implements {View} */
export class LinesView {
  #context;
  #frame;
  #chips;
  #columns;
  #hideSwitch;
  #weightSwitch;
  /** @type {readonly Drawn[]} */
  #drawn = [];
  /** The token whose lines are drawn alone. @type {Active | undefined} */
  #active;
  #place = '';
  /** The heads under a resting pointer, drawn in place of those selected. @type {string | undefined} */
  #previewed;

  /** @param {Context} context */
  constructor(context) {
    this.#context = context;
    this.#chips = createHeadChips(context, (heads) => this.#preview(heads));
    this.#hideSwitch = createHideSwitch(context.state);
    this.#weightSwitch = createWeightSwitch(context.state);
    this.#columns = new Columns({
      onPoint: (side, token) => this.#look({ side, token }),
      onLeave: () => this.#look(undefined),
      onPick: (side, token) => this.#frame.pin(side, token),
      onMove: () => this.#draw(),
    });
    this.#frame = new DocumentFrame(context, {
      name: 'lines', label: 'Attention as lines',
      hint: 'Point at a token for its lines, click pins it; arrow keys move, Shift and arrows step heads',
      failure: 'The lines of this document cannot be drawn.',
      decisive: ['model', 'head', 'doc', 'words', 'heads', 'weighted'],
      above: [this.#chips.element], body: [this.#columns.element],
    });
  }

  get element() {
    return this.#frame.element;
  }

  /** @param {Selection} selection */
  show(selection) {
    this.#chips.show(selection);
    return this.#show(selection);
  }

  /** @param {Selection} selection */
  #show(selection) {
    const previewed = this.#previewed;
    const heads = shownHeads(this.#context.report, { ...selection, heads: previewed ?? selection.heads });
    const weighted = isWeighted(this.#context, selection, heads);
    const load = (/** @type {Read} */ { texts: { document } }) => (
      Promise.all(heads.map(({ id }) => this.#context.report.attention(selection.model, id, document, weighted))));
    return this.#frame.show(selection, load, (stored, { texts, loaded }) => {
      if (previewed !== this.#previewed) return;
      this.#drawn = heads.map((head, i) => {
        const leftOut = leftOutOf(this.#context, selection.model, [head], texts);
        return { head, leftOut, shares: makeShares(shownAttention(texts, stored[i]), texts, leftOut.keys) };
      });
      // Which tokens are shown is what is asked for by now.
      const now = this.#context.state.get();
      const hiding = { hideSwitch: this.#hideSwitch, leftOut: anyLeftOut(this.#drawn) };
      this.#weightSwitch.show(this.#context, selection, heads);
      fill(this.#frame.tools, ...partTools(this.#context.state, now, { texts, loaded }, hiding),
        this.#weightSwitch.element);
      this.#columns.setTokens({ query: texts.queries, key: texts.keys },
        { query: orderOf(texts, 'query', now), key: orderOf(texts, 'key', now, this.#leftOutKeys(texts)) });
      const place = `${selection.model} ${texts.document}`;
      if (place !== this.#place) this.#columns.scrollToTop();
      this.#place = place;
      this.#showToken(now);
    });
  }

  /** Draws heads as long as the pointer rests on their button. @param {string | undefined} heads */
  #preview(heads) {
    if (heads === this.#previewed) return;
    this.#previewed = heads;
    void this.#show(this.#context.state.get()).catch(() => undefined);  // a file that fails is said in the view
  }

  hide() {
    this.#previewed = undefined;
    this.#context.tooltip.hide();
  }

  redraw() {
    this.#chips.show(this.#context.state.get());
    this.#mark();
  }

  exhibit() {
    const { texts, lede } = this.#frame;
    if (!texts || this.#columns.element.hidden) return undefined;
    const { hide } = this.#context.state.get();
    return linesExhibit({ drawn: this.#drawn, active: this.#active, hide, texts, columns: this.#columns,
      words: lede.textContent ?? '', colors: () => this.#context.theme.colors(), paint: (ink) => this.#drawOn(ink) });
  }

  /** @param {KeyboardEvent} event */
  key({ key }) {
    const { state } = this.#context;
    const { texts } = this.#frame;
    if (!texts) return false;
    const active = this.#active ?? { side: 'query', token: orderOf(texts, 'query', state.get())[0] ?? 0 };
    if (key === 'Escape') {
      if (state.get().token !== null) state.set({ token: null });
      else this.#look(undefined);
    } else if (key === 'Enter' && this.#active) this.#frame.pin(active.side, active.token);
    else if (key === 'ArrowDown' || key === 'ArrowUp') {
      const token = this.#active ? this.#columns.beyond(active, key === 'ArrowDown' ? 1 : -1) : active.token;
      this.#move({ side: active.side, token });
    } else if (key === 'ArrowLeft' || key === 'ArrowRight') {
      const side = key === 'ArrowLeft' ? 'query' : 'key';
      const order = orderOf(texts, side, state.get(), side === 'key' ? this.#leftOutKeys(texts) : undefined);
      this.#move({ side, token: order.includes(active.token) ? active.token : order[0] ?? 0 });
    } else return false;
    return true;
  }

  /** @param {Active} active */
  #move(active) {
    const { state } = this.#context;
    const { texts } = this.#frame;
    if (state.get().token !== null && texts) {
      state.set({ token: linkedToken(texts, active.side, active.token), side: active.side }, { push: false });
    } else this.#look(active);
    this.#columns.reveal(active);
  }

  /** Keys that no head shows: one may leave out what another does not. @param {Texts} texts */
  #leftOutKeys({ keys }) {
    return keys.special.map((_, key) => this.#drawn.every(({ leftOut }) => leftOut.keys[key]));
  }

  /** The lines of a token alone, unless one is pinned. @param {Active | undefined} active */
  #look(active) {
    if (this.#context.state.get().token !== null) return;
    this.#active = active;
    this.#mark();
  }

  /** @param {Selection} selection */
  #showToken(selection) {
    this.#active = this.#frame.pinned(selection);
    if (this.#active) this.#columns.reveal(this.#active);
    const heads = this.#drawn.map(({ head }) => head.id);
    const whose = heads.length > 4 ? `${heads.length} heads of ${selection.model}` : heads.join(', ');
    fill(this.#frame.lede, `Lines of ${whose}, from `,
      el('b', { class: 'query' }, 'queries'), ' to ', el('b', { class: 'key' }, 'keys'),
      `: shares from ${roughPercent(LEAST)} on, of the queries in sight.`,
      isWeighted(this.#context, selection, this.#drawn.map(({ head }) => head)) && ` ${WEIGHTED_IN_WORDS}`);
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
    const row = this.#drawn.length === 1 && active?.side === 'query'
      ? this.#drawn[0].shares.leftOutShare(active.token) : undefined;
    if (hide) {
      this.#hideSwitch.say(row, this.#drawn.map(({ head, shares }) => ({ id: head.id, share: shares.meanLeftOut() })));
    }
    this.#draw();
  }

  #draw() {
    const { canvas, room } = this.#columns;
    const ratio = window.devicePixelRatio || 1;
    Object.assign(canvas, { width: Math.round(room.width * ratio), height: Math.round(room.height * ratio) });
    const ink = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    ink.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#drawOn(ink);
  }

  /** @param {CanvasRenderingContext2D} ink in CSS pixels */
  #drawOn(ink) {
    const { room } = this.#columns;
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
}

/** What any of the heads leaves out. @param {readonly Drawn[]} drawn @returns {LeftOutKeys} */
function anyLeftOut(drawn) {
  const [{ leftOut: first }] = drawn;
  const heads = drawn.map(({ leftOut }) => leftOut);
  return {
    special: first.special,
    keys: first.keys.map((_, key) => heads.some(({ keys }) => keys[key])),
    sinks: { ...first.sinks, learned: heads.some(({ sinks }) => sinks.learned) },
  };
}
