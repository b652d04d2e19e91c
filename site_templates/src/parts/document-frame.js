/**
 * What stands around every way of seeing a document: which document, which way, what is said of it, and what stands in
 * its place where the model did not take it or a file fails. A way gives its name and what it draws.
 */
import { DocumentPicker } from './document-picker.js';
import { joinTexts, linkedToken, loadTexts, shownIndex } from './document-texts.js';
import { el, fill } from './element.js';
import { absenceCard } from './empty-document.js';
import { problemCard } from './problem.js';
import { createWays } from './ways.js';

/** @import { LinkName, Selection, Side } from '../state/types.js' */
/** @import { Texts } from './document-texts.js' */
/** @import { Child } from './element.js' */
/** @import { Context } from './types.js' */

/**
 * @typedef {object} Way
 * @property {string} name of the view
 * @property {string} label of the view, for screen readers
 * @property {string} hint for the status line
 * @property {string} failure what cannot be drawn where something fails, as a sentence
 * @property {readonly LinkName[]} decisive keys of the selection whose change overtakes a drawing
 * @property {readonly HTMLElement[]} body what is drawn into; hidden where there is nothing to draw
 * @property {readonly Child[]} [above] controls above the sentence
 * @property {boolean} [tokensOnly] whether words are never joined
 * @property {readonly Child[]} [beside] what stands beside it, such as a legend
 */
/** @typedef {{texts: Texts, loaded: Texts}} Read a document's texts as they are shown, and with subwords */

export class DocumentFrame {
  #context;
  #way;
  #picker;
  #ways;
  #problem = el('div', { class: 'problem-place' });
  /** The sentence that says what is seen. */
  lede = el('p', { class: 'lede', 'aria-live': 'polite' });
  /** Controls at the toolbar's end. */
  tools = el('div', { class: 'tools' });
  element;
  /** What is shown. @type {Texts | undefined} */
  texts;
  /** @type {{key: string, read: Read} | undefined} */
  #last;

  /** @param {Context} context @param {Way} way */
  constructor(context, way) {
    const { state } = context;
    this.#context = context;
    this.#way = way;
    this.#picker = new DocumentPicker(() => state.get().doc ?? this.texts?.document ?? 0,
      (doc) => state.set({ doc, token: null }));
    this.#ways = createWays(context, way.name);
    this.element = el('section', { class: `view way-view ${way.name}`, 'aria-label': way.label },
      el('div', { class: 'toolbar' }, this.#picker.element, this.#ways.element, this.tools), ...way.above ?? [],
      el('div', { class: 'way-lede' }, this.lede, ...way.beside ?? []), this.#problem, ...way.body);
  }

  /**
   * Reads a selection's document, and has it drawn unless another is asked for meanwhile.
   * @template T
   * @param {Selection} selection
   * @param {(read: Read) => Promise<T>} load what else is needed
   * @param {(loaded: T, read: Read) => Promise<void> | void} draw called while the body is seen
   */
  async show(selection, load, draw) {
    this.#context.hint(this.#way.hint);
    this.#ways.show();
    try {
      const read = await this.#read(selection);
      const empty = await absenceCard(this.#context, selection, read.texts);
      const loaded = empty ? undefined : await load(read);
      if (!this.isCurrent(selection)) return;
      this.texts = read.texts;
      this.#put(empty);
      if (loaded !== undefined) await draw(loaded, read);
      else fill(this.lede);
    } catch (error) {
      if (!this.isCurrent(selection)) return;
      fill(this.lede);
      this.#put(problemCard(error, this.#way.failure));
      throw error;
    }
  }

  /** Whether what is asked for is still this selection. @param {Selection} selection */
  isCurrent(selection) {
    const now = this.#context.state.get();
    return now.view === this.#way.name && this.#way.decisive.every((key) => now[key] === selection[key]);
  }

  /** Says beside the picture what went wrong in a part of it. @param {HTMLElement} card */
  complain(card) {
    fill(this.#problem, card);
  }

  /** Pins a token or a word, as shown; the pinned one is let go of. @param {Side} side @param {number} index */
  pin(side, index) {
    const { state } = this.#context;
    if (!this.texts) return;
    const now = state.get();
    const again = now.token !== null && now.side === side && shownIndex(this.texts, side, now.token) === index;
    state.set({ doc: this.texts.document, token: again ? null : linkedToken(this.texts, side, index), side });
  }

  /** The pinned token as it is shown, undefined where there is none. @param {Selection} selection */
  pinned({ token, side }) {
    const texts = this.texts;
    if (!texts || token === null || token >= texts.words[side].wordOf.length) return undefined;
    return { side, token: shownIndex(texts, side, token) };
  }

  /** Puts a card in the body's place, or takes it away. @param {HTMLElement | undefined} card */
  #put(card) {
    fill(this.#problem, card);
    for (const element of this.#way.body) element.hidden = card !== undefined;
  }

  /** @param {Selection} selection @returns {Promise<Read>} the same as long as the same is asked for */
  async #read(selection) {
    const { report } = this.#context;
    const stack = report.head(selection.model, selection.head)?.stack;
    const joins = selection.words && !this.#way.tokensOnly;
    const key = [selection.model, stack, selection.doc, joins].join(' ');
    if (this.#last?.key === key) return this.#last.read;
    const loaded = await loadTexts(this.#context, selection);
    const [documents, { lengths }, kept] = await Promise.all([report.documents(),
      report.axis(selection.model, loaded.axes.query), report.kept(selection.model)]);
    const read = { texts: joins && loaded.joinable ? joinTexts(loaded) : loaded, loaded };
    if (!this.isCurrent(selection)) return read;
    this.#picker.show(documents, loaded.document, lengths, kept);
    this.#last = { key, read };
    return read;
  }
}
