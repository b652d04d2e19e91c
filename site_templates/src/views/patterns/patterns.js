/** The attention of every head in one document, as small matrices: layers down, heads across. */
import { neighbour } from '../../state/layout.js';
import { DocumentFrame } from '../../parts/document-frame.js';
import { fill } from '../../parts/element.js';
import { headCard } from '../../parts/head-card.js';
import { canLeaveOut, createHideSwitch, leftOutOf } from '../../parts/left-out.js';
import { plural, units } from '../../parts/numbers.js';
import { problemCard } from '../../parts/problem.js';
import { unitOf } from '../../parts/stacks.js';
import { makeShares } from '../../parts/token-shares.js';
import { hasParts, partChoice, partsOf } from '../../parts/text-parts.js';
import { STEPS } from '../../parts/steps.js';
import { createWeightSwitch, isWeighted, WEIGHTED_IN_WORDS } from '../../parts/weighting.js';
import { patternsExhibit } from './exhibit.js';
import { PatternGrid } from './grid.js';
import { partShare, shareInWords } from './part-shares.js';

/** @import { Selection } from '../../state/types.js' */
/** @import { Texts } from '../../parts/document-texts.js' */
/** @import { Context, Head, View } from '../../parts/types.js' */

/** @implements {View} */
export class PatternsView {
  #context;
  #frame;
  #grid;
  /** The model and document whose patterns are shown. */
  #place = '';
  /** The document's tokens. @type {Texts | undefined} */
  #texts;
  #hideSwitch;
  #weightSwitch;

  /** @param {Context} context */
  constructor(context) {
    const { state, tooltip } = context;
    this.#context = context;
    this.#hideSwitch = createHideSwitch(state);
    this.#weightSwitch = createWeightSwitch(state);
    this.#grid = new PatternGrid({
      onPick: (head) => state.set({ view: 'document', head: head.id }),
      onPoint: (head, box) => (head ? tooltip.show(box, ...headCard(context, head)) : tooltip.hide()),
      load: (head) => this.#load(head),
    });
    this.#frame = new DocumentFrame(context, {
      name: 'patterns', label: 'Attention of every head in one document',
      hint: 'Arrow keys move, Enter opens the document under a head',
      failure: 'The patterns of this document cannot be drawn.',
      decisive: ['model', 'doc', 'hide', 'weighted', 'parts'], body: [this.#grid.element],
    });
  }

  get element() {
    return this.#frame.element;
  }

  /** @param {Selection} selection */
  show(selection) {
    return this.#frame.show(selection, async ({ loaded }) => loaded, async (texts) => {
      this.#texts = texts;
      const place = [selection.model, texts.document, selection.hide, this.#isWeighted(selection),
        this.#parts(selection)].join(' ');
      this.#showSwitch(selection, texts);
      if (place !== this.#place) this.#grid.build(this.#context.rows(selection.model));
      this.#place = place;
      this.#grid.select(selection.head);
      await this.#paint(selection, texts.axes.query, texts.queries.texts.length);
      await this.#sayLeftOut(selection);
    });
  }

  hide() {
    this.#context.tooltip.hide();
  }

  redraw() {
    this.#grid.repaint(this.#context.theme.colors().heat);
  }

  exhibit() {
    if (!this.#texts || this.#grid.element.hidden || this.#grid.drawn.length === 0) return undefined;
    return patternsExhibit({ grid: this.#grid, document: this.#texts.document,
      words: this.#frame.lede.textContent ?? '', load: (head) => this.#load(head) });
  }

  /** @param {KeyboardEvent} event */
  key({ key }) {
    const { state, rows } = this.#context;
    const { model, head } = state.get();
    const step = STEPS[key];
    if (!step) return false;
    const next = neighbour(rows(model), head, ...step);
    if (next) state.set({ head: next.id }, { push: false });
    this.#grid.focus(next?.id ?? head);
    return true;
  }

  /** @param {Selection} selection @param {Texts} texts */
  #showSwitch(selection, texts) {
    const heads = this.#context.report.heads(selection.model);
    const offered = heads.some((head) => canLeaveOut(leftOutOf(this.#context, selection.model, [head], texts), texts));
    this.#hideSwitch.show(selection, offered);
    this.#weightSwitch.show(this.#context, selection, heads);
    fill(this.#frame.tools,
      hasParts(texts) && partChoice(this.#context.state, selection, texts, 'Show', 'small patterns'),
      this.#hideSwitch.element, this.#weightSwitch.element);
  }

  /** @param {Selection} selection */
  #isWeighted(selection) {
    return isWeighted(this.#context, selection, this.#context.report.heads(selection.model));
  }

  /** A head's shares in the document. @param {Head} head */
  async #shares(head) {
    const { report, state } = this.#context;
    const texts = /** @type {Texts} */ (this.#texts);
    const { model } = state.get();
    const weighted = this.#isWeighted(state.get());
    const { keys } = leftOutOf(this.#context, model, [head], texts);
    return makeShares(await report.attention(model, head.id, texts.document, weighted), texts, keys);
  }

  /** Between which parts of the document shares are shown: 'all' where it has none. @param {Selection} selection */
  #parts({ parts }) {
    return this.#texts && hasParts(this.#texts) && partsOf(this.#texts, parts).query !== undefined ? parts : 'all';
  }

  /** What a head's pattern shows: rows and columns that are left out stay empty. @param {Head} head */
  async #load(head) {
    const selection = this.#context.state.get();
    const [shares, parts] = [await this.#shares(head), this.#parts(selection)];
    return parts === 'all' ? shares.rows(selection.hide)
      : partShare(shares, /** @type {Texts} */ (this.#texts), { hide: selection.hide, parts });
  }

  /** What the switch takes of the selected head. @param {Selection} selection */
  async #sayLeftOut(selection) {
    const { report } = this.#context;
    const head = report.head(selection.model, selection.head);
    if (!selection.hide || !head) return;
    const shares = await this.#shares(head);
    if (!this.#frame.isCurrent(selection)) return;
    this.#hideSwitch.say(undefined, [{ id: head.id, share: shares.meanLeftOut() }]);
  }

  /**
   * Draws what is not drawn yet, head by head, and says how far it is.
   * @param {Selection} selection @param {string} axis of the document @param {number} length its tokens
   */
  async #paint(selection, axis, length) {
    const { report, theme } = this.#context;
    const total = report.heads(selection.model).length;
    const model = report.model(selection.model);
    const size = units(length, model ? unitOf(model, axis) : 'token');
    const parts = this.#parts(selection);
    const failures = await this.#grid.paint(theme.colors().heat, (drawn) => {
      if (!this.#frame.isCurrent(selection)) return false;
      const { stride } = this.#grid;
      fill(this.#frame.lede, drawn < total ? `${drawn} of ${plural(total, 'head')} drawn …`
        : `${parts === 'all' || !this.#texts
          ? `Every head in this document of ${size}: queries down, keys across; each pattern has its own scale`
          : shareInWords(this.#texts, parts)}`
          + `${selection.hide ? '; special tokens and each head’s sinks are left out.' : '.'}`
          + `${this.#isWeighted(selection) ? ` ${WEIGHTED_IN_WORDS}` : ''}`,
      stride > 1 && ` One query in ${stride} is drawn.`);
      return true;
    });
    if (failures.length === 0 || !this.#frame.isCurrent(selection)) return;
    this.#frame.complain(problemCard(failures[0].error, `${plural(failures.length, 'head')} cannot be drawn.`));
  }
}
