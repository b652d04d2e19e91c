/** One document as text, shaded by recomputed attention: where a token looks, and who looks at it. */
import { bothWays, firstToken, loadTexts, makeShares, shownToken } from './document-data.js';
import { createDocumentPicker } from './document-picker.js';
import { createHeatLegend } from './heat-legend.js';
import { el, fill } from './element.js';
import { problemCard } from './failure.js';
import { percent, tokenName } from './format.js';
import { createMatrix } from './matrix.js';
import { createPartners } from './partners.js';
import { createTokenText } from './token-text.js';

/** @import { Tokens } from '../data/types.js' */
/** @import { Selection, Side } from '../state/types.js' */
/** @import { Active, Shade, Texts } from './document-data.js' */
/** @import { Context, View } from './types.js' */

/** From so many tokens on, the text needs the room more than the matrix does. */
const LONG = 160;

/** Below this share, what is left after hiding is too little to divide by. */
const LITTLE = 0.01;

/** @param {Context} context @returns {View} */
export function createDocument(context) {
  const { report, state, theme, tooltip } = context;
  const picker = createDocumentPicker((doc) => state.set({ doc, token: null }));
  const lede = el('p', { class: 'lede', 'aria-live': 'polite' });
  const hideBox = el('input', { type: 'checkbox', onchange: () => state.set({ hide: hideBox.checked }, { push: false }) });
  const hideLabel = el('label', { class: 'chip check' }, hideBox, 'Hide special tokens');
  const note = el('p', { class: 'note', hidden: true });
  const problem = el('div', { class: 'problem-place' });
  // The row panel shows keys (where a query looks), the column panel queries (who looks at a key).
  const panels = {
    row: { text: createTokenText('Where the token looks'), legend: createHeatLegend(), partners: createPartners('key', (token) => pin('key', token)) },
    column: { text: createTokenText('Who looks at the token'), legend: createHeatLegend(), partners: createPartners('query', (token) => pin('query', token)) },
  };
  const matrix = createMatrix(context, {
    onPoint: (query, key, at) => pointCell(query, key, at),
    onLeave: () => tooltip.hide(),
    onPick: (query) => pin('query', query),
  });
  const element = el('section', { class: 'view document', 'aria-label': 'Attention in one document' },
    el('div', { class: 'toolbar' }, picker.element, el('div', { class: 'tools' }, hideLabel)), lede, problem,
    el('div', { class: 'texts' },
      el('div', { class: 'text-panel' }, el('h2', {}, 'Looks at', el('span', { class: 'quiet' }, ' where this token’s query attends'), panels.row.legend.element), panels.row.text.element),
      el('div', { class: 'text-panel' }, el('h2', {}, 'Looked at by', el('span', { class: 'quiet' }, ' whose queries attend to its key'), panels.column.legend.element), panels.column.text.element)),
    note, el('div', { class: 'dock' }, matrix.element, panels.row.partners.element, panels.column.partners.element));

  /** @type {Texts | undefined} */
  let texts;
  let textKey = '';
  /** @type {ReturnType<typeof makeShares> | undefined} */
  let shares;
  /** @type {Active | undefined} */
  let active;
  /** @type {{row?: Shade, column?: Shade}} */
  let shades = {};

  const pinned = () => state.get().token !== null;
  /** The side a panel's tokens play. @param {'row' | 'column'} name @returns {Side} */
  const sideOf = (name) => (texts?.same === (name === 'row') ? 'query' : 'key');
  /** @param {Side} side @returns {Tokens | undefined} */
  const tokensOf = (side) => (side === 'query' ? texts?.queries : texts?.keys);

  /** @param {Side} side @param {number} token */
  function pin(side, token) {
    const now = state.get();
    const again = now.token === token && (texts?.same || now.side === side);
    state.set({ doc: texts?.document ?? now.doc, token: again ? null : token, side });
  }
  /** @param {Active} next */
  function look(next) {
    if (active && active.token === next.token && (texts?.same || active.side === next.side)) return;
    active = next;
    shadeAll(false);
  }
  /** @param {boolean} repaint */
  function shadeAll(repaint) {
    if (!texts) return;
    const { query, key } = bothWays(active, texts.same);
    const { hide } = state.get();
    const { heat } = theme.colors();
    shades = {
      row: shares && query !== null ? shares.row(query, hide) : undefined,
      column: shares && key !== null ? shares.column(key, hide) : undefined,
    };
    for (const [name, tokens] of /** @type {const} */ ([['row', texts.keys], ['column', texts.queries]])) {
      const shade = shades[name];
      panels[name].text.shade(shade?.levels ?? new Uint8Array(tokens.texts.length), heat, repaint);
      panels[name].legend.show(shade?.largest, heat);
      panels[name].text.mark(texts.same ? query : name === 'row' ? key : query, pinned());
      panels[name].partners.element.hidden = !shade;
      if (shade) panels[name].partners.show(shade.values, tokens);
    }
    matrix.mark(query, key);
    describe(query);
  }
  /** @param {number | null} query */
  function describe(query) {
    const tokens = active && tokensOf(active.side);
    if (!active || !tokens || !texts) return fill(lede);
    const name = el('b', {}, el('bdi', {}, tokenName(tokens.surface(active.token), tokens.texts[active.token])));
    fill(lede, 'Token ', name, pinned() ? ', pinned: point at others for their shares, Escape lets go.' : ', in both directions. Point at another; click pins it.');
    const hide = state.get().hide && texts.keys.special.some(Boolean);
    note.hidden = !hide;
    if (!hide) return;
    const held = shares && query !== null ? shares.hiddenShare(query) : NaN;
    fill(note, 'Special tokens are hidden and each query’s other shares re-normalised to 100 %.',
      Number.isNaN(held) ? '' : ` They hold ${percent(held)} of this query’s attention.`,
      1 - held < LITTLE ? ' What is left is too little to be told exactly.' : '');
  }
  /** Exact share of a token while another is pinned. @param {'row' | 'column'} name @param {number} token */
  function tell(name, token) {
    const shade = shades[name];
    const box = panels[name].text.box(token);
    if (!shade || !box || !texts || !active) return;
    const own = tokensOf(active.side);
    const other = name === 'row' ? texts.keys : texts.queries;
    if (!own) return;
    const mine = tokenName(own.surface(active.token), own.texts[active.token]);
    const its = tokenName(other.surface(token), other.texts[token]);
    const [from, to] = name === 'row' ? [mine, its] : [its, mine];
    tooltip.show({ x: box.left, y: box.bottom + 2, width: 1 }, pairLine(from, to, shade.values[token]));
  }
  /** @param {number} query @param {number} key @param {{x: number, y: number}} at */
  function pointCell(query, key, at) {
    if (!texts || !shares) return;
    const { queries, keys } = texts;
    tooltip.show(at, pairLine(tokenName(queries.surface(query), queries.texts[query]), tokenName(keys.surface(key), keys.texts[key]), shares.attention.row(query)[key]));
  }

  for (const name of /** @type {const} */ (['row', 'column'])) {
    const panel = panels[name].text;
    let queued = 0;
    panel.element.addEventListener('pointerover', (event) => {
      const token = panel.tokenAt(event.target);
      if (token === undefined) return tooltip.hide();
      if (event.pointerType === 'touch') return;
      cancelAnimationFrame(queued);
      queued = requestAnimationFrame(() => (pinned() ? tell(name, token) : look({ side: sideOf(name), token })));
    });
    panel.element.addEventListener('pointerleave', () => tooltip.hide());
    panel.element.addEventListener('focusin', (event) => {
      const token = panel.tokenAt(event.target);
      if (token !== undefined && !pinned() && event.target instanceof Element && event.target.matches(':focus-visible')) look({ side: sideOf(name), token });
    });
    panel.element.addEventListener('click', (event) => {
      const token = panel.tokenAt(event.target);
      if (token !== undefined && window.getSelection()?.isCollapsed !== false) pin(sideOf(name), token);
    });
  }

  /** @param {KeyboardEvent} event */
  function moveBy(event) {
    const inColumn = panels.column.text.element.contains(document.activeElement);
    const name = inColumn ? 'column' : 'row';
    const panel = panels[name].text;
    const tokens = name === 'row' ? texts?.keys : texts?.queries;
    if (!tokens || !active) return false;
    const last = tokens.texts.length - 1;
    const from = Math.min(active.token, last);
    const step = event.key === 'ArrowLeft' || event.key === 'Home' ? -1 : 1;
    /** @type {Record<string, () => number>} */
    const targets = {
      ArrowLeft: () => from - 1, ArrowRight: () => from + 1, Home: () => 0, End: () => last,
      ArrowUp: () => panel.vertical(from, -1), ArrowDown: () => panel.vertical(from, 1),
    };
    const target = targets[event.key]?.();
    if (target === undefined) return false;
    const token = shownToken(tokens, target, event.key === 'Home' ? 1 : event.key === 'End' ? -1 : step, state.get().hide);
    if (token === undefined) return true;
    if (pinned()) state.set({ token, side: sideOf(name) }, { push: false });
    else look({ side: sideOf(name), token });
    panel.focus(token);
    return true;
  }

  /** @param {Selection} selection */
  async function showTexts(selection) {
    const stack = report.head(selection.model, selection.head)?.stackInfo;
    const wanted = `${selection.model} ${stack?.query_axis} ${stack?.key_axis} ${selection.doc ?? 0}`;
    if (wanted === textKey) return;
    const next = await loadTexts(context, selection);
    texts = next;
    textKey = wanted;
    shares = undefined;
    active = undefined;
    element.classList.toggle('long', next.keys.texts.length > LONG);
    panels.row.text.setText(next.text, next.keys);
    panels.column.text.setText(next.text, next.queries);
    element.querySelector('.texts')?.scrollTo(0, 0);
    picker.show(await report.documents(), next.document);
  }

  return {
    element,
    async show(selection) {
      element.classList.toggle('loading', !texts);
      hideBox.checked = selection.hide;
      element.classList.toggle('hide-special', selection.hide);
      context.hint('Arrow keys move between tokens, Enter pins, Shift and arrows step to other heads');
      try {
        await showTexts(selection);
        await showAttention(selection);
        fill(problem);
      } catch (error) {
        if (!isCurrent(selection)) return;
        fill(problem, problemCard(error, texts ? `The attention of ${selection.head} in this document cannot be shown.` : 'This document cannot be shown.'));
        shares = undefined;
        matrix.show(undefined);
        shadeAll(false);
        throw error;
      } finally {
        element.classList.remove('loading');
      }
    },
    hide() {
      tooltip.hide();
    },
    redraw() {
      shadeAll(true);
      matrix.repaint();
    },
    key(event) {
      if (event.key === 'Escape' && pinned()) state.set({ token: null });
      else if ((event.key === 'Enter' || event.key === ' ') && active && document.activeElement?.hasAttribute('data-token') && !(document.activeElement instanceof HTMLButtonElement)) {
        pin(sideOf(panels.column.text.element.contains(document.activeElement) ? 'column' : 'row'), active.token);
      } else return moveBy(event);
      return true;
    },
  };

  /** @param {Selection} selection */
  function isCurrent(selection) {
    const now = state.get();
    return now.view === 'document' && now.head === selection.head && now.model === selection.model && (now.doc ?? 0) === (selection.doc ?? 0);
  }
  /** @param {Selection} selection */
  async function showAttention(selection) {
    if (!texts) return;
    if (texts.queries.texts.length === 0) {
      fill(note, 'The model did not take this document: it has no tokens here.');
      note.hidden = false;
      matrix.show(undefined);
      return;
    }
    const attention = await report.attention(selection.model, selection.head, texts.document);
    if (!isCurrent(selection)) return;
    if (shares?.attention !== attention) shares = makeShares(attention, texts);
    const tokens = selection.side === 'query' ? texts.queries : texts.keys;
    if (selection.token !== null && selection.token < tokens.texts.length) active = { side: selection.side, token: selection.token };
    else if (selection.token !== null) {
      context.notify(`The link asks for token ${selection.token}, but this document has ${tokens.texts.length}; none is pinned.`);
      state.set({ token: null }, { push: false });
      return;
    }
    active ??= { side: 'query', token: firstToken(texts.queries) };
    const visible = tokensOf(active.side);
    if (visible && selection.hide && visible.special[active.token]) {
      active = { side: active.side, token: shownToken(visible, active.token, 1, true) ?? shownToken(visible, active.token, -1, true) ?? active.token };
    }
    matrix.show(attention);
    shadeAll(false);
  }
}

/** @param {string} from @param {string} to @param {number} share */
function pairLine(from, to, share) {
  return el('span', { class: 'pair' }, el('bdi', { class: 'query' }, from), ' → ', el('bdi', { class: 'key' }, to),
    el('b', {}, Number.isNaN(share) ? ' none' : ` ${percent(share)}`));
}
