/**
 * The two shaded texts of the document view and their lists: the row (where a token looks), the column (who looks at
 * it).
 */
import { el, fill } from '../../parts/element.js';
import { createHeatLegend } from '../../parts/heat-legend.js';
import { createPartners } from '../../parts/partners.js';
import { pieceOf } from '../../parts/stacks.js';
import { TokenText } from './token-text.js';
import { capital, clip } from '../../parts/names.js';

/** @import { AggregateKind, Side } from '../../state/types.js' */
/** @import { Child } from '../../parts/element.js' */
/** @import { Texts } from '../../parts/document-texts.js' */

/** @typedef {'row' | 'column'} PanelName */
/** @typedef {ReturnType<typeof createPanel>} Panel */
/**
 * @typedef {object} PanelEvents
 * @property {(name: PanelName, token: number) => void} onPoint
 * @property {(name: PanelName, token: number) => void} onFocus
 * @property {(name: PanelName, token: number, how: 'alone' | 'add' | 'range') => void} onClick
 * @property {(name: PanelName, token: number | undefined) => void} onFreeze undefined: the one that is looked through
 * @property {() => void} onLeave
 * @property {(frame: number) => void} onFrame
 * @property {(side: Side, token: number) => void} onPartner
 */

const HOW = 'Keeps this direction on its token while others are looked through; ';
const FREEZE = {
  row: `${HOW}the key F, or a double-click on a token.`,
  column: `${HOW}Shift and F, or a double-click on a token (in one text with Shift).`,
};
const NAMES = {
  row: { title: 'Looks at', label: 'Where the token looks', as: 'filled' },
  column: { title: 'Looked at by', label: 'Who looks at the token', as: 'underlined' },
};

/** @param {PanelEvents} events @returns {Record<PanelName, Panel>} */
export function createPanels(events) {
  return { row: createPanel('row', events), column: createPanel('column', events) };
}

/** @param {PanelName} name @param {PanelEvents} events */
function createPanel(name, events) {
  const { title, label, as } = NAMES[name];
  const text = new TokenText(label);
  const legend = createHeatLegend();
  // The row panel shows keys, the column panel queries.
  const kind = name === 'row' ? 'key' : 'query';
  const partners = createPartners(kind, (token) => events.onPartner(kind, token));
  listen(name, text, events);
  const heading = el('h2', {});
  const how = el('span', { class: 'quiet as' }, as);
  const explanation = el('span', { class: 'quiet' });
  const freeze = el('button', { type: 'button', class: 'link-button freeze', 'aria-pressed': 'false',
    'data-tip': FREEZE[name], onclick: () => events.onFreeze(name, undefined) }, 'Freeze');
  /** @type {Texts | undefined} */
  let current;
  const instead = el('h2', { class: 'instead' });
  const element = el('div', { class: 'text-panel' }, heading, instead, text.element);
  return {
    element,
    text,
    legend,
    partners,
    /** @param {Texts} texts */
    setTexts(texts) {
      current = texts;
      const role = el('span', { class: `quiet ${kind}` }, kind === 'key' ? ' keys' : ' queries');
      fill(heading, ...(texts.same ? [title] : [capital(texts.axes[kind]), role]), how, explanation, freeze,
        legend.element);
      const setting = { passage: texts.passages[kind], image: texts.image };
      text.setText(texts.text, kind === 'key' ? texts.keys : texts.queries, setting);
    },
    /** Says what the shades are where they are no attention; undefined: they are. @param {readonly Child[]} [words] */
    showInstead(words) {
      fill(instead, ...words ?? []);
      element.classList.toggle('scored', words !== undefined);
    },
    /** @param {string} token the name of the one that this direction is frozen on, '' for none */
    freeze(token) {
      freeze.setAttribute('aria-pressed', String(token !== ''));
      fill(freeze, token === '' ? 'Freeze' : 'Frozen on ', token !== '' && el('bdi', {}, clip(token, 24)));
    },
    /** Says what the shading is. @param {AggregateKind} aggregate */
    explain(aggregate) {
      if (!current) return;
      const apart = name === 'row' ? 'where the query looks' : 'who looks at the key';
      fill(explanation, current.same ? explained(name, current, aggregate) : apart);
    },
  };
}

/** @param {PanelName} name @param {Texts} texts @param {AggregateKind} aggregate */
function explained(name, { joined, image, queries }, aggregate) {
  if (aggregate === 'rollout') return name === 'row' ? ' what of the input it comes from' : ' what it goes into';
  if (joined) return name === 'row' ? ' where this word’s queries attend' : ' whose queries attend to its keys';
  return name === 'row'
    ? ` where this ${image ? pieceOf(queries.kind) : 'token'}’s query attends` : ' whose queries attend to its key';
}

/** @param {PanelName} name @param {TokenText} text @param {PanelEvents} events */
function listen(name, text, { onPoint, onFocus, onClick, onFreeze, onLeave, onFrame }) {
  let queued = 0;
  text.element.addEventListener('pointerover', (event) => {
    const token = text.tokenAt(event.target);
    if (token === undefined) return onLeave();
    if (event.pointerType === 'touch') return;
    // A fast pointer crosses many tokens between two frames: only the last is shown.
    cancelAnimationFrame(queued);
    queued = requestAnimationFrame(() => onPoint(name, token));
  });
  text.element.addEventListener('pointerleave', () => {
    cancelAnimationFrame(queued);
    onLeave();
  });
  text.element.addEventListener('focusin', (event) => {
    const token = text.tokenAt(event.target);
    if (token !== undefined && event.target instanceof Element && event.target.matches(':focus-visible')) {
      onFocus(name, token);
    }
  });
  text.element.addEventListener('click', (event) => {
    const frame = event.target instanceof Element ? event.target.closest('[data-frame]') : null;
    if (frame instanceof HTMLElement) return onFrame(Number(frame.dataset.frame));
    const token = text.tokenAt(event.target);
    const add = event.ctrlKey || event.metaKey;
    const selecting = window.getSelection()?.isCollapsed === false && !event.shiftKey;
    // The second click of two belongs to the double-click.
    if (token === undefined || selecting || event.detail > 1) return;
    onClick(name, token, add ? 'add' : event.shiftKey ? 'range' : 'alone');
  });
  text.element.addEventListener('dblclick', (event) => {
    const token = text.tokenAt(event.target);
    if (token === undefined) return;
    window.getSelection()?.removeAllRanges();
    const both = text.element.classList.contains('both');
    onFreeze(both && event.shiftKey ? 'column' : name, token);
  });
  // With Shift, a press would select the text as far as here.
  text.element.addEventListener('mousedown', (event) => {
    if (event.shiftKey && text.tokenAt(event.target) !== undefined) event.preventDefault();
  });
  text.element.addEventListener('keydown', (event) => {
    const token = text.tokenAt(event.target);
    if (event.key !== ' ' || token === undefined || !(event.shiftKey || event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    onClick(name, token, event.shiftKey ? 'range' : 'add');
  });
}
