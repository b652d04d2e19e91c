/**
 * The two shaded texts of the document view and their lists: the row (where a token looks), the column (who looks at
 * it).
 */
import { el, fill } from '../../parts/element.js';
import { createHeatLegend } from '../../parts/heat-legend.js';
import { createPartners } from '../../parts/partners.js';
import { pieceOf } from '../../parts/stacks.js';
import { createTokenText } from './token-text.js';
import { capital } from '../../parts/names.js';

/** @import { AggregateKind, Side } from '../../state/types.js' */
/** @import { Texts } from '../../parts/document-texts.js' */

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
  row: { title: 'Looks at', label: 'Where the token looks' },
  column: { title: 'Looked at by', label: 'Who looks at the token' },
};

/** @param {PanelEvents} events @returns {Record<PanelName, Panel>} */
export function createPanels(events) {
  return { row: createPanel('row', events), column: createPanel('column', events) };
}

/** @param {PanelName} name @param {PanelEvents} events */
function createPanel(name, events) {
  const { title, label } = NAMES[name];
  const text = createTokenText(label);
  const legend = createHeatLegend();
  // The row panel shows keys, the column panel queries.
  const kind = name === 'row' ? 'key' : 'query';
  const partners = createPartners(kind, (token) => events.onPartner(kind, token));
  listen(name, text, events);
  const heading = el('h2', {});
  const explanation = el('span', { class: 'quiet' });
  /** @type {Texts | undefined} */
  let current;
  const element = el('div', { class: 'text-panel' }, heading, text.element);
  return {
    element,
    text,
    legend,
    partners,
    /** @param {Texts} texts */
    setTexts(texts) {
      current = texts;
      const role = el('span', { class: `quiet ${kind}` }, kind === 'key' ? ' keys' : ' queries');
      fill(heading, ...(texts.same ? [title] : [capital(texts.axes[kind]), role]), explanation, legend.element);
      const setting = { passage: texts.passages[kind], image: texts.image };
      text.setText(texts.text, kind === 'key' ? texts.keys : texts.queries, setting);
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
    if (token !== undefined && event.target instanceof Element && event.target.matches(':focus-visible')) {
      onFocus(name, token);
    }
  });
  text.element.addEventListener('click', (event) => {
    const token = text.tokenAt(event.target);
    const selecting = window.getSelection()?.isCollapsed === false;
    if (token !== undefined && !selecting) onClick(name, token);
  });
}
