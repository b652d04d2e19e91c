/** One document as text, shaded by recomputed attention: where a token looks, and who looks at it. */
import { Overtaken } from '../../parts/aggregate-progress.js';
import {
  documentOf, joinTexts, linkedToken, loadTexts, shownAttention, shownIndex,
} from '../../parts/document-texts.js';
import { joinedHeads } from '../../parts/joined-heads.js';
import { problemCard } from '../../parts/problem.js';
import { makeShares } from '../../parts/token-shares.js';
import { loadScores } from '../../parts/token-scores.js';
import { createWays } from '../../parts/ways.js';
import { aggregateInWords } from '../../parts/aggregate-words.js';
import { loadAdded } from './added.js';
import { createControls } from './controls.js';
import { createArrows } from './arrows.js';
import { addedExhibit, scoreExhibit, textExhibit } from './exhibit.js';
import { absenceCard } from '../../parts/empty-document.js';
import { LinkedToken } from './linked-token.js';
import { Matrix } from './matrix.js';
import { createPage } from './page.js';
import { panelEvents } from './panel-events.js';
import { createPanels } from './panels.js';
import { DocumentPicker } from '../../parts/document-picker.js';
import { canLeaveOut, headsShown, leftOutOf } from '../../parts/left-out.js';
import { Player } from './player.js';
import { createPictureTools } from './picture-tools.js';
import { isWeighted, WEIGHTED_IN_WORDS } from '../../parts/weighting.js';
import { Reading } from './reading.js';
import { ADDED, byScores } from './scored.js';
import { createSource } from './source.js';
import { createSteering } from './steering.js';
import { createWordPictures } from './word-pictures.js';

/** @import { Selection } from '../../state/types.js' */
/** @import { Scored } from '../../parts/token-scores.js' */
/** @import { Texts } from '../../parts/document-texts.js' */
/** @import { Exhibit } from '../../parts/figure/types.js' */
/** @import { Context, View } from '../../parts/types.js' */

/** What decides which texts and whose attention are shown. */
const DECISIVE = /** @type {const} */ (['model', 'head', 'doc', 'words', 'aggregate', 'residual', 'discard',
  'weighted', 'scores', 'added']);

const HINT = 'Arrow keys move between tokens, Enter pins, F freezes a direction, Shift and arrows step to other heads';

/** Where two texts have no room side by side. */
const NARROW = '(max-width: 620px), (min-width: 861px) and (max-width: 1000px)';

/** @implements {View} */
export class DocumentView {
  #context;
  #picker;
  #ways;
  #controls;
  #source;
  #panels;
  #matrix;
  #pictureTools;
  #player;
  #wordPictures;
  #page;
  #reading;
  #steering;
  #token;
  /** Model, axes and document of the text; and whether its subwords are joined. */
  #place = '';
  #textKey = '';
  /** The scores that the text came with. @type {readonly Scored[]} */
  #scores = [];
  /** What the head adds to logits, where the text is shaded by it. @type {Float64Array | undefined} */
  #added;
  #narrow = window.matchMedia(NARROW);

  /** @param {Context} context */
  constructor(context) {
    const { state } = context;
    this.#context = context;
    this.#picker = new DocumentPicker(() => state.get().doc ?? this.#reading.texts?.document ?? 0,
      (doc) => state.set({ doc, token: null }));
    this.#controls = createControls(context, (shader) => (
      state.set({ doc: this.#reading.texts?.document ?? null, added: shader === ADDED,
        scores: shader === ADDED ? null : shader }, { push: false })));
    this.#source = createSource(context, {
      isCurrent: (selection) => this.#isCurrent(selection),
      putInstead: (card) => this.#putInstead(card),
    });
    const parts = () => ({ reading: this.#reading, steering: this.#steering });
    this.#panels = createPanels(panelEvents(context, parts));
    this.#matrix = new Matrix(context, {
      onPoint: (query, key, at) => this.#reading.tellCell(query, key, at),
      onLeave: () => context.tooltip.hide(),
      onPick: (query) => this.#steering.pin('query', query),
    });
    this.#ways = createWays(context, 'document');
    this.#player = new Player(context);
    this.#wordPictures = createWordPictures((query) => this.#steering.pin('query', query));
    this.#pictureTools = createPictureTools(state, this.#player.element);
    const arrows = createArrows();
    this.#page = createPage({
      picker: this.#picker.element,
      ways: this.#ways.element,
      controls: this.#controls.element,
      hideSwitch: this.#controls.hideSwitch.element,
      panels: this.#panels,
      matrix: this.#matrix.element,
      pictureTools: this.#pictureTools.element,
      wordPictures: this.#wordPictures.element,
      arrows: arrows.element,
    });
    this.#reading = new Reading(context, {
      panels: this.#panels, matrix: this.#matrix, lede: this.#page.lede, note: this.#page.note,
      arrows, wordPictures: this.#wordPictures, player: this.#player, hideSwitch: this.#controls.hideSwitch,
    });
    this.#steering = createSteering(context, this.#panels, this.#reading);
    this.#token = new LinkedToken(context, { panels: this.#panels, matrix: this.#matrix, reading: this.#reading });
    const moved = new ResizeObserver(() => this.#reading.drawArrows());
    for (const { text } of Object.values(this.#panels)) {
      moved.observe(text.element);
      // A strip of frames scrolls by itself.
      text.element.addEventListener('scroll', () => this.#reading.drawArrows(), { capture: true, passive: true });
    }
    this.#narrow.addEventListener('change', () => {
      this.#arrange();
      this.#reading.shadeAll(true);
    });
  }

  get element() {
    return this.#page.element;
  }

  /** @param {Selection} selection */
  async show(selection) {
    this.#page.setLoading(!this.#reading.texts);
    this.#controls.show(selection);
    this.#pictureTools.show(selection);
    this.#page.setOverlay(selection.overlay);
    this.#ways.show();
    this.element.classList.toggle('hide-special', selection.hide);
    this.#context.hint(HINT);
    let read = false;
    try {
      await this.#showTexts(selection);
      read = true;
      await this.#showAttention(selection);
    } catch (error) {
      if (!this.#isCurrent(selection) || error instanceof Overtaken) return;
      const what = read ? `The attention of ${selection.head} in this document` : 'This document';
      this.#clear();
      this.#page.showProblem(problemCard(error, `${what} cannot be shown.`));
      this.#page.reveal(read, false);
      throw error;
    } finally {
      this.#page.setLoading(false);
    }
  }

  /** Both directions in one text, or in two, as it is asked for, else by the room. */
  #arrange() {
    const { texts } = this.#reading;
    const asked = this.#context.state.get().texts;
    const one = this.#reading.instead !== undefined
      || (texts?.same === true && (asked === 'one' || (asked === 'auto' && this.#narrow.matches)));
    this.#controls.showTexts(one);
    if (one === this.#reading.one) return;
    this.#reading.one = one;
    this.#page.setOne(one);
    this.#reading.shadeAll(true);
  }

  hide() {
    this.#player.pause();
    this.#context.tooltip.hide();
  }

  redraw() {
    const { instead } = this.#reading;
    if (instead) this.#panels.row.showInstead(instead.heading(this.#context.theme.colors()));
    this.#reading.shadeAll(true);
    this.#matrix.repaint();
  }

  /** @returns {Exhibit | undefined} */
  exhibit() {
    const { report, state } = this.#context;
    const head = report.head(state.get().model, state.get().head);
    const { texts, shares, instead } = this.#reading;
    if (texts && instead && this.#added) {
      return addedExhibit({ heads: head ? [head] : [], texts, values: this.#added, ...this.#page.reading });
    }
    if (texts && instead) return scoreExhibit({ texts, scores: this.#scores, ...this.#page.reading });
    if (!head || !texts || !shares) return undefined;
    const joined = state.get().aggregate === 'head' ? [head]
      : joinedHeads(report.heads(state.get().model), head, state.get().aggregate).flat();
    return textExhibit({ heads: joined, texts, shades: this.#reading.shades, ...this.#page.reading });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    return (event.key === 'p' && this.#player.toggle()) || this.#steering.key(event);
  }

  /** Whether the view is still to show this selection's document and head. @param {Selection} selection */
  #isCurrent(selection) {
    const now = this.#context.state.get();
    return now.view === 'document' && DECISIVE.every((key) => now[key] === selection[key]);
  }

  /** @param {Selection} selection */
  async #showTexts(selection) {
    const { report } = this.#context;
    const stack = report.head(selection.model, selection.head)?.stackInfo;
    if (!stack) throw new RangeError('This model has no heads.');
    const doc = await documentOf(this.#context, selection);
    const place = `${selection.model} ${stack.query_axis} ${stack.key_axis} ${doc}`;
    // What follows a token is another token: words have no next one.
    const isJoined = selection.words && !selection.added;
    const textKey = `${place} ${isJoined}`;
    if (textKey === this.#textKey) return;
    const { lengths } = await report.axis(selection.model, stack.query_axis);
    this.#picker.show(await report.documents(), doc, lengths, await report.kept(selection.model));
    const loaded = await loadTexts(this.#context, selection);
    if (!this.#isCurrent(selection)) return;
    const texts = isJoined && loaded.joinable ? joinTexts(loaded) : loaded;
    const scores = await loadScores(this.#context, loaded, texts);
    if (!this.#isCurrent(selection)) return;
    this.#scores = scores;
    this.#controls.offer(loaded);
    this.#setTexts(texts, place === this.#place);
    this.#place = place;
    this.#textKey = textKey;
  }

  /** @param {Texts} texts @param {boolean} samePlace whether only what counts as a token changed: it stays chosen */
  #setTexts(texts, samePlace) {
    const { texts: before, active } = this.#reading;
    this.#page.fit(texts);
    this.#pictureTools.offer(texts.hasPatches);
    this.#reading.setTexts(texts);
    this.#offerSound(texts);
    if (!samePlace || !before || !active) return this.#page.scrollToTop();
    const token = linkedToken(before, active.side, active.token);
    this.#reading.choose({ ...active, token: shownIndex(texts, active.side, token) });
  }

  /** A recording can be played where its frames are seen. @param {Texts} texts */
  #offerSound({ document, queries, keys }) {
    const sides = /** @type {const} */ ([['row', keys], ['column', queries]]);
    const audible = sides.filter(([, { kind }]) => kind === 'audio');
    const pictures = audible.map(([name]) => this.#panels[name].text.element.querySelector('.patches'));
    const [first] = audible;
    this.#player.offer(document,
      first && { tokens: first[1], pictures: pictures.filter((picture) => picture instanceof HTMLElement) });
  }

  /** @param {Selection} selection */
  async #showAttention(selection) {
    const { texts } = this.#reading;
    if (!texts || !this.#isCurrent(selection)) return;
    const empty = texts.queries.texts.length === 0;
    const isAttributed = texts.same && attributed(this.#context, selection);
    const scored = selection.added ? undefined : this.#scoredBy(selection);
    const absence = scored && !empty ? undefined : await absenceCard(this.#context, selection, texts);
    if (!this.#isCurrent(selection)) return;
    this.#page.reveal(!absence, !absence);
    const isAdded = isAttributed && selection.added && !absence;
    this.#controls.showShaders(empty ? [] : this.#scores, isAttributed,
      isAdded ? ADDED : scored ? this.#scores.indexOf(scored) : null);
    const added = isAdded ? await loadAdded(this.#context, selection, texts) : undefined;
    if (!this.#isCurrent(selection)) return;
    this.#added = added?.values;
    this.#page.showBelow(added?.card);
    const instead = added ?? (scored && byScores(scored));
    this.#reading.instead = empty ? undefined : instead;
    this.#panels.row.showInstead(instead?.heading(this.#context.theme.colors()));
    if (absence) return this.#showAbsence(absence);
    if (instead) return this.#showInstead(selection, texts);
    const stored = await this.#source.load(selection, texts);
    if (!stored || !this.#isCurrent(selection)) return;
    const heads = headsShown(this.#context, selection);
    this.#page.showAttention([aggregateInWords(this.#context.report, selection),
      isWeighted(this.#context, selection, heads) ? WEIGHTED_IN_WORDS : ''].filter(Boolean).join(' '));
    this.#panels.row.explain(selection.aggregate);
    this.#panels.column.explain(selection.aggregate);
    const attention = shownAttention(texts, stored);
    const leftOut = leftOutOf(this.#context, selection.model, heads, texts);
    this.#controls.hideSwitch.show(selection, canLeaveOut(leftOut, texts));
    this.#controls.weightSwitch.show(this.#context, selection, heads);
    this.#reading.leftOut = leftOut;
    if (this.#reading.shares?.attention !== attention) {
      this.#reading.shares = makeShares(attention, texts, leftOut.keys);
    }
    this.#arrange();
    for (const { text } of Object.values(this.#panels)) text.strip?.choose(selection.frame);
    this.#token.show(selection, texts, attention, this.#textKey);
  }

  /** The row of scores that a selection shades by. @param {Selection} selection */
  #scoredBy({ scores: asked }) {
    if (asked === null || this.#scores.length === 0) return undefined;
    const scored = this.#scores[asked];
    if (!scored) {
      const { notify, state } = this.#context;
      notify(`The link asks for row ${asked} of this document’s scores, which has ${this.#scores.length}, counted `
        + 'from 0; it is shaded by attention.');
      state.set({ scores: null }, { push: false });
    }
    return scored;
  }

  /** The text in the colours of something else. @param {Selection} selection @param {Texts} texts */
  #showInstead(selection, texts) {
    this.#reading.shares = undefined;
    this.#context.hint('Arrow keys move between tokens, Enter pins');
    this.#page.showAttention('');
    this.#page.reveal(true, false);
    this.#controls.hideSwitch.show(selection, false);
    this.#arrange();
    this.#token.show(selection, texts, undefined, this.#textKey);
    this.#reading.shadeAll(true);
  }

  /** Stands in the attention's place: what was shown until now is not what is asked for. @param {HTMLElement} card */
  #putInstead(card) {
    this.#clear();
    this.#page.setLoading(false);
    this.#page.reveal(true, false);
    this.#page.showProblem(card);
  }

  /** @param {HTMLElement} card */
  #showAbsence(card) {
    this.#clear();
    this.#page.showProblem(card);
  }

  #clear() {
    this.#matrix.show(undefined);
    this.#reading.shares = undefined;
    this.#reading.shadeAll(false);
    this.#page.clear();
  }
}

/** Whether a model is known to add what to logits. @param {Context} context @param {Selection} selection */
function attributed({ report }, { model }) {
  return (report.model(model)?.writes?.attribution?.shards ?? []).length > 0;
}
