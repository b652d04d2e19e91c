/** Puts the parts around the views and the views together, and shows the one that the selection names. */
import { neighbour } from '../state/layout.js';
import { STEPS } from '../parts/steps.js';
import { el, fill, takesKeys } from '../parts/element.js';
import { createBar } from './bar.js';
import { createInspector } from './inspector/inspector.js';
import { createNotices } from './notices.js';
import { createStatus } from './status.js';

/** @import { Selection } from '../state/types.js' */
/** @import { Context, View, ViewDefinition } from '../parts/types.js' */

/** @param {Context} context @param {readonly ViewDefinition[]} definitions */
export function createShell(context, definitions) {
  const { report, state, theme, tooltip } = context;
  const root = document.documentElement;
  const notices = createNotices();
  const live = el('div', { class: 'offscreen', 'aria-live': 'polite' });
  const status = createStatus(report, () => openNotices());
  Object.assign(context, {
    hint: status.hint,
    announce: /** @param {string} text */ (text) => fill(live, text),
    notify: notices.add,
  });
  const bar = createBar(context, definitions);
  const inspector = createInspector(context, definitions);
  const main = el('main', { class: 'main', id: 'main' });
  const views = new Map(definitions.map((definition) => [definition.name, definition.create(context)]));
  /** @param {Selection} selection */
  const viewOf = ({ view }) => /** @type {View} */ (views.get(view));
  fill(/** @type {HTMLElement} */ (document.getElementById('app')),
    bar.element,
    el('div', { class: 'middle' }, el('div', { class: 'stagearea' }, notices.element, main), inspector.element),
    status.element, live, tooltip.element);
  document.getElementById('boot-help')?.setAttribute('hidden', '');

  const openNotices = () => {
    const provenance = inspector.element.querySelector('.provenance');
    inspector.element.classList.add('open');
    provenance?.setAttribute('open', '');
    provenance?.querySelector('.notices')?.scrollIntoView({ block: 'nearest' });
  };

  /** @param {Selection} selection @param {Selection} [previous] */
  const show = async (selection, previous) => {
    root.dataset.ready = 'false';
    const view = viewOf(selection);
    if (main.firstElementChild !== view.element) {
      if (previous) viewOf(previous).hide();
      fill(main, view.element);
    }
    root.dataset.view = selection.view;
    document.title = pageTitle(definitions, selection, report.manifest.title);
    bar.show(selection);
    status.show(selection);
    inspector.show(selection, previous);
    if (state.notices().length > 0) notices.add(state.notices().join(' '));
    const outcome = await view.show(selection).then(() => 'true', (error) => {
      if (!(error instanceof Error) || error.name !== 'DataError') console.error(error);
      return 'error';
    });
    if (state.get() === selection) root.dataset.ready = outcome;
  };
  state.subscribe(show);
  theme.subscribe(() => viewOf(state.get()).redraw());
  report.onChange((event) => {
    if (event.type === 'stale') {
      notices.add('This report has been built anew since the page was opened.',
        { label: 'Reload', run: () => window.location.reload() });
    }
  });
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target instanceof Element && (takesKeys(event.target) || event.target.closest('dialog'))) return;
    if (pressed(event)) event.preventDefault();
  });

  /** @param {KeyboardEvent} event */
  const pressed = (event) => {
    const selection = state.get();
    const step = STEPS[event.key];
    const opened = definitions[Number(event.key) - 1];
    if (event.key === '?') bar.help.toggle();
    else if (opened) state.set({ view: opened.name });
    else if (step && event.shiftKey) {
      const next = neighbour(context.rows(selection.model), selection.head, ...step);
      if (next) state.set({ head: next.id }, { push: false });
    } else return viewOf(selection).key(event);
    return true;
  };
  void show(state.get());
}

/** @param {readonly ViewDefinition[]} definitions @param {Selection} selection @param {string} reportTitle */
function pageTitle(definitions, selection, reportTitle) {
  const definition = definitions.find(({ name }) => name === selection.view);
  const title = definition?.pageTitle?.(selection) ?? definition?.title;
  return title ? `${title} · ${reportTitle}` : reportTitle;
}
