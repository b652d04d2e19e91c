/** The two shaded texts of the document view and their lists: the row (where a token looks), the column (who looks at it). */
import { el } from './element.js';
import { createHeatLegend } from './heat-legend.js';
import { createPartners } from './partners.js';
import { createTokenText } from './token-text.js';

/** @import { Side } from '../state/types.js' */

/** @typedef {'row' | 'column'} PanelName */
/** @typedef {ReturnType<typeof createPanel>} Panel */
/**
 * @typedef {object} PanelEvents
 * @property {(name: PanelName, token: number) => void} onPoint
 * @property {(name: PanelName, token: number) => void} onFocus
 * @property {(name: PanelName, token: number) => void} onClick
 * @property {() => void} onLeave
 * @property {(side: Side, token: number) => void} onPartner
 */

const NAMES = {
  row: { title: 'Looks at', words: ' where this token’s query attends', label: 'Where the token looks' },
  column: { title: 'Looked at by', words: ' whose queries attend to its key', label: 'Who looks at the token' },
};

/** @param {PanelEvents} events @returns {Record<PanelName, Panel>} */
export function createPanels(events) {
  return { row: createPanel('row', events), column: createPanel('column', events) };
}

/** @param {PanelName} name @param {PanelEvents} events */
function createPanel(name, events) {
  const { title, words, label } = NAMES[name];
  const text = createTokenText(label);
  const legend = createHeatLegend();
  // The row panel shows keys, the column panel queries.
  const kind = name === 'row' ? 'key' : 'query';
  const partners = createPartners(kind, (token) => events.onPartner(kind, token));
  listen(name, text, events);
  const element = el('div', { class: 'text-panel' }, el('h2', {}, title, el('span', { class: 'quiet' }, words), legend.element), text.element);
  return { element, text, legend, partners };
}

/** @param {PanelName} name @param {ReturnType<typeof createTokenText>} text @param {PanelEvents} events */
function listen(name, text, { onPoint, onFocus, onClick, onLeave }) {
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
    if (token !== undefined && event.target instanceof Element && event.target.matches(':focus-visible')) onFocus(name, token);
  });
  text.element.addEventListener('click', (event) => {
    const token = text.tokenAt(event.target);
    const selecting = window.getSelection()?.isCollapsed === false;
    if (token !== undefined && !selecting) onClick(name, token);
  });
}
