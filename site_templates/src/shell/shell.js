/** Puts the frame and the views together, and shows the one that the selection names. */
import { neighbour } from '../state/layout.js';
import { VIEWS } from '../state/selection.js';
import { createAtlas } from '../views/atlas/atlas.js';
import { STEPS } from '../parts/steps.js';
import { createDocument } from '../views/document/document.js';
import { el, fill, takesKeys } from '../parts/element.js';
import { createBar } from './bar.js';
import { createHead } from '../views/head/head.js';
import { createHeads } from '../views/heads/heads.js';
import { createInspector } from './inspector/inspector.js';
import { createNotices } from './notices.js';
import { createStatus } from './status.js';

/** @import { Selection, ViewName } from '../state/types.js' */
/** @import { Context, View } from '../parts/types.js' */

/** @param {Context} context */
export function createShell(context) {
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
  const bar = createBar(context);
  const inspector = createInspector(context);
  const main = el('main', { class: 'main', id: 'main' });
  /** @type {Record<ViewName, View>} */
  const views = { atlas: createAtlas(context), head: createHead(context), document: createDocument(context), heads: createHeads(context) };
  fill(/** @type {HTMLElement} */ (document.getElementById('app')),
    bar.element, el('div', { class: 'middle' }, el('div', { class: 'stagearea' }, notices.element, main), inspector.element), status.element, live, tooltip.element);
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
    const view = views[selection.view];
    if (main.firstElementChild !== view.element) {
      if (previous) views[previous.view].hide();
      fill(main, view.element);
    }
    root.dataset.view = selection.view;
    document.title = titleOf(selection, report.manifest.title);
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
  theme.subscribe(() => views[state.get().view].redraw());
  report.onChange((event) => {
    if (event.type === 'stale') notices.add('This report has been built anew since the page was opened.', { label: 'Reload', run: () => window.location.reload() });
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
    const view = VIEWS[Number(event.key) - 1];
    if (event.key === '?') bar.help.toggle();
    else if (view) state.set({ view });
    else if (step && event.shiftKey) {
      const next = neighbour(context.rows(selection.model), selection.head, ...step);
      if (next) state.set({ head: next.id }, { push: false });
    } else return views[selection.view].key(event);
    return true;
  };
  void show(state.get());
}

/** @param {Selection} selection @param {string} title */
function titleOf({ view, head, doc }, title) {
  if (view === 'atlas') return title;
  if (view === 'heads') return `Heads · ${title}`;
  return `${view === 'document' ? `${head}, document${doc === null ? '' : ` ${doc + 1}`}` : head} · ${title}`;
}
