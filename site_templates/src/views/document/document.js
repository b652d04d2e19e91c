/** One document as text, shaded by recomputed attention: where a token looks, and who looks at it. */
import { Overtaken } from '../../parts/aggregates.js';
import { aggregateInWords } from './aggregate-words.js';
import { createControls } from './controls.js';
import { makeShares } from '../../parts/token-shares.js';
import { emptyCard } from './empty.js';
import { keyTarget } from './keys.js';
import { createPanels } from './panels.js';
import { createDocumentPicker } from './picker.js';
import { createReading } from './reading.js';
import { createSource } from './source.js';
import { firstToken, shownToken } from './tokens.js';
import { documentOf, joinTexts, linkedToken, loadTexts, shownAttention, shownIndex, tokenCount,
  tokensOf } from '../../parts/document-texts.js';
import { el, fill } from '../../parts/element.js';
import { problemCard } from '../../parts/problem.js';
import { createMatrix } from './matrix.js';

/** @import { Selection, Side } from '../../state/types.js' */
/** @import { PanelName } from './panels.js' */
/** @import { Texts } from '../../parts/document-texts.js' */
/** @import { Context, View } from '../../parts/types.js' */

/** From so many tokens on, the text needs the room more than the matrix does. */
const LONG = 160;
/** What decides which texts and whose attention are shown. */
const DECISIVE = /** @type {const} */ (['model', 'head', 'doc', 'words', 'aggregate', 'residual', 'discard']);

/** @param {Context} context @returns {View} */
export function createDocument(context) {
  const { report, state, tooltip } = context;
  const picker = createDocumentPicker(() => state.get().doc ?? reading.texts()?.document ?? 0,
    (doc) => state.set({ doc, token: null }));
  const lede = el('p', { class: 'lede', 'aria-live': 'polite' });
  const controls = createControls(context);
  const source = createSource(context, { isCurrent, putInstead });
  const kindNote = el('p', { class: 'kind-note', hidden: true });
  const note = el('p', { class: 'note', hidden: true });
  const problem = el('div', { class: 'problem-place' });
  const panels = createPanels({
    onPoint: (name, token) =>
      (reading.pinned() ? reading.tell(name, token) : reading.look({ side: reading.sideOf(name), token })),
    onFocus: (name, token) => void (reading.pinned() || reading.look({ side: reading.sideOf(name), token })),
    onClick: (name, token) => pin(reading.sideOf(name), token),
    onLeave: () => tooltip.hide(),
    onPartner: pin,
  });
  const matrix = createMatrix(context, {
    onPoint: (query, key, at) => reading.tellCell(query, key, at),
    onLeave: () => tooltip.hide(),
    onPick: (query) => pin('query', query),
  });
  const reading = createReading(context, { panels, matrix, lede, note });
  const textArea = el('div', { class: 'texts' }, panels.row.element, panels.column.element);
  const dock =
    el('div', { class: 'dock' }, matrix.element, panels.row.partners.element, panels.column.partners.element);
  const element = el('section', { class: 'view document', 'aria-label': 'Attention in one document' },
    el('div', { class: 'toolbar' }, picker.element, controls.element),
    lede, kindNote, problem, textArea, note, dock);
  /** Model, axes and document of the text, and whether its subwords are joined. */
  let place = '';
  let textKey = '';
  /** The pinned token that has been brought into sight: readers may scroll away from it. */
  let revealed = '';

  /** @param {Side} side @param {number} token */
  function pin(side, token) {
    const now = state.get();
    const texts = reading.texts();
    if (!texts) return;
    const again = now.token !== null
      && shownIndex(texts, now.side, now.token) === token && (texts.same || now.side === side);
    state.set({ doc: texts.document, token: again ? null : linkedToken(texts, side, token), side });
  }
  /** The panel that has the focus, else the one of the token that is looked through. @returns {PanelName} */
  const focused = () => {
    const name = (['row', 'column']).find((each) =>
      panels[/** @type {PanelName} */ (each)].text.element.contains(document.activeElement));
    const usual = !reading.texts()?.same && reading.active()?.side === 'query' ? 'column' : 'row';
    return /** @type {PanelName} */ (name ?? usual);
  };

  /** @param {KeyboardEvent} event */
  function move(event) {
    const name = focused();
    const texts = reading.texts();
    const active = reading.active();
    if (!texts || !active) return false;
    const side = reading.sideOf(name);
    const tokens = name === 'row' ? texts.keys : texts.queries;
    const from = texts.same
      || active.side === side ? active.token : panels[name].text.tokenAt(document.activeElement) ?? 0;
    const token = keyTarget(event.key, Math.min(from, tokens.texts.length - 1), tokens, panels[name], state.get().hide);
    if (token === undefined) return false;
    if (reading.pinned()) state.set({ token: linkedToken(texts, side, token), side }, { push: false });
    else reading.look({ side, token });
    panels[name].text.focus(token);
    return true;
  }

  /** Whether the view is still to show this selection's document and head. @param {Selection} selection */
  function isCurrent(selection) {
    const now = state.get();
    return now.view === 'document' && DECISIVE.every((key) => now[key] === selection[key]);
  }

  /** @param {Selection} selection */
  async function showTexts(selection) {
    const stack = report.head(selection.model, selection.head)?.stackInfo;
    if (!stack) throw new RangeError('This model has no heads.');
    const doc = await documentOf(context, selection);
    const wantedPlace = `${selection.model} ${stack.query_axis} ${stack.key_axis} ${doc}`;
    const wanted = `${wantedPlace} ${selection.words}`;
    if (wanted === textKey) return;
    picker.show(await report.documents(), doc, (await report.axis(selection.model, stack.query_axis)).lengths);
    const loaded = await loadTexts(context, selection);
    if (!isCurrent(selection)) return;
    controls.offer(loaded);
    const texts = selection.words && loaded.joinable ? joinTexts(loaded) : loaded;
    element.classList.toggle('long', texts.keys.texts.length > LONG);
    element.classList.toggle('pictured', texts.pictured);
    const [before, active] = [reading.texts(), reading.active()];
    reading.setTexts(texts);
    if (place === wantedPlace && before && active) {
      reading.choose({ ...active,
        token: shownIndex(texts, active.side, linkedToken(before, active.side, active.token)) });
    } else textArea.scrollTo(0, 0);
    place = wantedPlace;
    textKey = wanted;
  }

  /** @param {Selection} selection */
  async function showAttention(selection) {
    const texts = reading.texts();
    if (!texts || !isCurrent(selection)) return;
    const empty = texts.queries.texts.length === 0;
    textArea.hidden = dock.hidden = empty;
    if (empty) return showEmpty(selection, texts);
    const stored = await source.load(selection, texts);
    if (!stored || !isCurrent(selection)) return;
    fill(problem);
    dock.hidden = false;
    fill(kindNote, aggregateInWords(report, selection));
    kindNote.hidden = selection.aggregate === 'head';
    panels.row.explain(selection.aggregate);
    panels.column.explain(selection.aggregate);
    const attention = shownAttention(texts, stored);
    if (reading.shares()?.attention !== attention) reading.setShares(makeShares(attention, texts));
    const { token, side } = selection;
    const count = tokenCount(texts, side);
    if (token !== null && token >= count) {
      context.notify(`The link asks for token “${token}”, but this document has ${count}; none is pinned.`);
      return state.set({ token: null }, { push: false });
    }
    const wanted = token === null ? reading.active() ?? { side: 'query', token: firstToken(texts.queries) }
      : { side, token: shownIndex(texts, side, token) };
    const tokens = tokensOf(texts, wanted.side);
    const seen = shownToken(tokens, wanted.token, 1, selection.hide)
      ?? shownToken(tokens, wanted.token, -1, selection.hide);
    reading.choose({ side: wanted.side, token: seen ?? wanted.token });
    matrix.show(attention);
    reading.shadeAll(false);
    const pinned = `${textKey} ${side} ${token}`;
    if (token !== null && pinned !== revealed) {
      panels[texts.same || side === 'key' ? 'row' : 'column'].text.reveal(wanted.token);
    }
    revealed = pinned;
  }

  /** Stands in the attention's place: what was shown until now is not what is asked for. @param {HTMLElement} card */
  function putInstead(card) {
    clear();
    element.classList.remove('loading');
    dock.hidden = true;
    fill(problem, card);
  }

  /** @param {Selection} selection @param {Texts} texts */
  async function showEmpty(selection, texts) {
    clear();
    const card = await emptyCard(context, selection, texts);
    if (isCurrent(selection)) fill(problem, card);
  }

  function clear() {
    matrix.show(undefined);
    reading.setShares(undefined);
    reading.shadeAll(false);
    fill(lede);
    kindNote.hidden = true;
  }

  return {
    element,
    async show(selection) {
      element.classList.toggle('loading', !reading.texts());
      controls.show(selection);
      element.classList.toggle('hide-special', selection.hide);
      context.hint('Arrow keys move between tokens, Enter pins, Shift and arrows step to other heads');
      let read = false;
      try {
        await showTexts(selection);
        read = true;
        await showAttention(selection);
      } catch (error) {
        if (!isCurrent(selection) || error instanceof Overtaken) return;
        clear();
        fill(problem,
          problemCard(error,
            read ? `The attention of ${selection.head} in this document cannot be shown.`
            : 'This document cannot be shown.'));
        textArea.hidden = !read;
        dock.hidden = true;
        throw error;
      } finally {
        element.classList.remove('loading');
      }
    },
    hide() {
      tooltip.hide();
    },
    redraw() {
      reading.shadeAll(true);
      matrix.repaint();
    },
    key(event) {
      const active = reading.active();
      const onToken = document.activeElement?.matches('.token') ?? false;
      if (event.key === 'Escape' && reading.pinned()) state.set({ token: null });
      else if ((event.key === 'Enter' || event.key === ' ') && active && onToken) pin(reading.sideOf(focused()), active.token);
      else return move(event);
      return true;
    },
  };
}
