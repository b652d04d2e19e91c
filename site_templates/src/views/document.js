/** One document as text, shaded by recomputed attention: where a token looks, and who looks at it. */
import { firstToken, loadTexts, makeShares, shownToken } from './document-data.js';
import { keyTarget } from './document-keys.js';
import { createPanels } from './document-panels.js';
import { createDocumentPicker } from './document-picker.js';
import { createReading } from './document-reading.js';
import { el, fill } from './element.js';
import { problemCard } from './failure.js';
import { createMatrix } from './matrix.js';

/** @import { Selection, Side } from '../state/types.js' */
/** @import { PanelName } from './document-panels.js' */
/** @import { Context, View } from './types.js' */

/** From so many tokens on, the text needs the room more than the matrix does. */
const LONG = 160;

/** @param {Context} context @returns {View} */
export function createDocument(context) {
  const { report, state, tooltip } = context;
  const picker = createDocumentPicker(() => state.get().doc ?? 0, (doc) => state.set({ doc, token: null }));
  const lede = el('p', { class: 'lede', 'aria-live': 'polite' });
  const hideBox = el('input', { type: 'checkbox', onchange: () => state.set({ hide: hideBox.checked }, { push: false }) });
  const note = el('p', { class: 'note', hidden: true });
  const problem = el('div', { class: 'problem-place' });
  const panels = createPanels({
    onPoint: (name, token) => (reading.pinned() ? reading.tell(name, token) : reading.look({ side: reading.sideOf(name), token })),
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
  const dock = el('div', { class: 'dock' }, matrix.element, panels.row.partners.element, panels.column.partners.element);
  const element = el('section', { class: 'view document', 'aria-label': 'Attention in one document' },
    el('div', { class: 'toolbar' }, picker.element, el('div', { class: 'tools' }, el('label', { class: 'chip check' }, hideBox, 'Hide special tokens'))),
    lede, problem, textArea, note, dock);
  let textKey = '';
  /** The pinned token that has been brought into sight: readers may scroll away from it. */
  let revealed = '';

  /** @param {Side} side @param {number} token */
  function pin(side, token) {
    const now = state.get();
    const texts = reading.texts();
    const again = now.token === token && (texts?.same || now.side === side);
    state.set({ doc: texts?.document ?? now.doc, token: again ? null : token, side });
  }
  /** The panel that has the focus. @returns {PanelName} */
  const focused = () => (panels.column.text.element.contains(document.activeElement) ? 'column' : 'row');

  /** @param {KeyboardEvent} event */
  function move(event) {
    const name = focused();
    const texts = reading.texts();
    const active = reading.active();
    const tokens = name === 'row' ? texts?.keys : texts?.queries;
    if (!tokens || !active) return false;
    const token = keyTarget(event.key, Math.min(active.token, tokens.texts.length - 1), tokens, panels[name], state.get().hide);
    if (token === undefined) return false;
    if (reading.pinned()) state.set({ token, side: reading.sideOf(name) }, { push: false });
    else reading.look({ side: reading.sideOf(name), token });
    panels[name].text.focus(token);
    return true;
  }

  /** Whether the view is still to show this selection's document and head. @param {Selection} selection */
  function isCurrent(selection) {
    const now = state.get();
    return now.view === 'document' && now.head === selection.head && now.model === selection.model && (now.doc ?? 0) === (selection.doc ?? 0);
  }

  /** @param {Selection} selection */
  async function showTexts(selection) {
    const stack = report.head(selection.model, selection.head)?.stackInfo;
    const wanted = `${selection.model} ${stack?.query_axis} ${stack?.key_axis} ${selection.doc ?? 0}`;
    if (wanted === textKey) return;
    picker.show(await report.documents(), selection.doc ?? 0);
    const texts = await loadTexts(context, selection);
    if (!isCurrent(selection)) return;
    textKey = wanted;
    element.classList.toggle('long', texts.keys.texts.length > LONG);
    reading.setTexts(texts);
    textArea.scrollTo(0, 0);
  }

  /** @param {Selection} selection */
  async function showAttention(selection) {
    const texts = reading.texts();
    if (!texts) return;
    if (texts.queries.texts.length === 0) return showEmpty();
    const attention = await report.attention(selection.model, selection.head, texts.document);
    if (!isCurrent(selection)) return;
    if (reading.shares()?.attention !== attention) reading.setShares(makeShares(attention, texts));
    const { token, side } = selection;
    const count = (side === 'query' ? texts.queries : texts.keys).texts.length;
    if (token !== null && token >= count) {
      context.notify(`The link asks for token “${token}”, but this document has ${count}; none is pinned.`);
      return state.set({ token: null }, { push: false });
    }
    const wanted = token === null ? reading.active() ?? { side: 'query', token: firstToken(texts.queries) } : { side, token };
    const tokens = wanted.side === 'query' ? texts.queries : texts.keys;
    const seen = shownToken(tokens, wanted.token, 1, selection.hide) ?? shownToken(tokens, wanted.token, -1, selection.hide);
    reading.choose({ side: wanted.side, token: seen ?? wanted.token });
    matrix.show(attention);
    reading.shadeAll(false);
    const pinned = `${textKey} ${side} ${token}`;
    if (token !== null && pinned !== revealed) panels[texts.same || side === 'key' ? 'row' : 'column'].text.reveal(token);
    revealed = pinned;
  }

  function showEmpty() {
    matrix.show(undefined);
    reading.setShares(undefined);
    reading.shadeAll(false);
    fill(lede, 'The model did not take this document: there are no tokens to shade.');
  }

  return {
    element,
    async show(selection) {
      element.classList.toggle('loading', !reading.texts());
      hideBox.checked = selection.hide;
      element.classList.toggle('hide-special', selection.hide);
      context.hint('Arrow keys move between tokens, Enter pins, Shift and arrows step to other heads');
      try {
        await showTexts(selection);
        await showAttention(selection);
        fill(problem);
      } catch (error) {
        if (!isCurrent(selection)) return;
        const read = textKey.endsWith(` ${selection.doc ?? 0}`);
        fill(problem, problemCard(error, read ? `The attention of ${selection.head} in this document cannot be shown.` : 'This document cannot be shown.'));
        textArea.hidden = !read;
        dock.hidden = true;
        matrix.show(undefined);
        reading.setShares(undefined);
        reading.shadeAll(false);
        throw error;
      } finally {
        element.classList.remove('loading');
      }
      textArea.hidden = false;
      dock.hidden = false;
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
