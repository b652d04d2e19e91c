/** The attention of every head in one document, as small matrices: layers down, heads across. */
import { neighbour } from '../../state/layout.js';
import { DocumentPicker } from '../../parts/document-picker.js';
import { documentOf, loadTexts } from '../../parts/document-texts.js';
import { el, fill } from '../../parts/element.js';
import { emptyCard } from '../../parts/empty-document.js';
import { headCard } from '../../parts/head-card.js';
import { plural, units } from '../../parts/numbers.js';
import { problemCard } from '../../parts/problem.js';
import { unitOf } from '../../parts/stacks.js';
import { STEPS } from '../../parts/steps.js';
import { createWays } from '../../parts/ways.js';
import { PatternGrid } from './grid.js';

/** @import { Selection } from '../../state/types.js' */
/** @import { Context, Head, View } from '../../parts/types.js' */

/** @implements {View} */
export class PatternsView {
  #context;
  #picker;
  #ways;
  #grid;
  #lede = el('p', { class: 'lede', 'aria-live': 'polite' });
  #problem = el('div', { class: 'problem-place' });
  /** The model and document whose patterns are shown. */
  #place = '';
  #document = 0;

  /** @param {Context} context */
  constructor(context) {
    const { state, report, tooltip } = context;
    this.#context = context;
    this.#picker = new DocumentPicker(() => state.get().doc ?? this.#document,
      (doc) => state.set({ doc, token: null }));
    this.#ways = createWays(context, 'patterns');
    this.#grid = new PatternGrid({
      onPick: (head) => state.set({ view: 'document', head: head.id }),
      onPoint: (head, box) => (head ? tooltip.show(box, ...headCard(context, head)) : tooltip.hide()),
      load: (head) => report.attention(state.get().model, head.id, this.#document),
    });
    this.element = el('section', { class: 'view patterns', 'aria-label': 'Attention of every head in one document' },
      el('div', { class: 'toolbar' }, this.#picker.element, this.#ways.element), this.#lede, this.#problem,
      this.#grid.element);
  }

  /** @param {Selection} selection */
  async show(selection) {
    const { report, rows, hint } = this.#context;
    hint('Arrow keys move, Enter opens the document under a head');
    this.#ways.show();
    try {
      const document = await documentOf(this.#context, selection);
      const head = report.head(selection.model, selection.head);
      if (!head) throw new RangeError('This model has no heads.');
      const [documents, { lengths }] =
        await Promise.all([report.documents(), report.axis(selection.model, head.stackInfo.query_axis)]);
      if (!this.#isCurrent(selection)) return;
      this.#document = document;
      this.#picker.show(documents, document, lengths);
      const empty = lengths[document] === 0
        ? await emptyCard(this.#context, selection, await loadTexts(this.#context, selection)) : null;
      if (!this.#isCurrent(selection)) return;
      fill(this.#problem, empty);
      this.#grid.element.hidden = empty !== null;
      fill(this.#lede);
      if (empty) return;
      const place = `${selection.model} ${document}`;
      if (place !== this.#place) this.#grid.build(rows(selection.model));
      this.#place = place;
      this.#grid.select(selection.head);
      await this.#paint(selection, head, lengths[document]);
    } catch (error) {
      if (!this.#isCurrent(selection)) return;
      this.#place = '';
      fill(this.#problem, problemCard(error, 'The patterns of this document cannot be drawn.'));
      throw error;
    }
  }

  hide() {
    this.#context.tooltip.hide();
  }

  redraw() {
    this.#grid.repaint(this.#context.theme.colors().heat);
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

  /**
   * Draws what is not drawn yet, head by head, and says how far it is.
   * @param {Selection} selection @param {Head} head @param {number} length tokens of the document
   */
  async #paint(selection, head, length) {
    const { report, theme } = this.#context;
    const total = report.heads(selection.model).length;
    const model = report.model(selection.model);
    const size = units(length, model ? unitOf(model, head.stackInfo.query_axis) : 'token');
    const failures = await this.#grid.paint(theme.colors().heat, (drawn) => {
      if (!this.#isCurrent(selection)) return false;
      const { stride } = this.#grid;
      fill(this.#lede, drawn < total ? `${drawn} of ${plural(total, 'head')} drawn …`
        : `Every head in this document of ${size}: queries down, keys across; each pattern has its own scale.`,
      stride > 1 && ` One query in ${stride} is drawn.`);
      return true;
    });
    if (failures.length === 0 || !this.#isCurrent(selection)) return;
    fill(this.#problem, problemCard(failures[0].error, `${plural(failures.length, 'head')} cannot be drawn.`));
  }

  /** Whether the view is still to show this selection's document. @param {Selection} selection */
  #isCurrent(selection) {
    const now = this.#context.state.get();
    return now.view === 'patterns' && now.model === selection.model && now.doc === selection.doc;
  }
}
