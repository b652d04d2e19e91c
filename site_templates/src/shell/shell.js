/** Puts the parts around the views and the views together, and shows the one that the selection names. */
import { neighbour } from '../state/layout.js';
import { el, fill, takesKeys } from '../parts/element.js';
import { focusLike, focusWithin } from '../parts/focus.js';
import { STEPS } from '../parts/steps.js';
import { tabOf } from '../parts/ways.js';
import { createBar } from './bar.js';
import { createFocusKeeper } from './focus-keeper.js';
import { createInspector } from './inspector/inspector.js';
import { createNotices } from './notices.js';
import { followLink, isFrameText } from './frame-text.js';
import { createStatus } from './status.js';
import { createTour } from './tour/tour.js';

/** @import { Selection } from '../state/types.js' */
/** @import { Context, View, ViewDefinition } from '../parts/types.js' */

const STALE = 'This report has been built anew since the page was opened.';

/** The page: what surrounds the views, and the view that is seen. */
export class Shell {
  #context;
  #definitions;
  /** The views that have a tab, and a number key. */
  #tabs;
  #notices = createNotices();
  #live = el('div', { class: 'offscreen', 'aria-live': 'polite' });
  #main = el('main', { class: 'main', id: 'main', tabIndex: -1 });
  #focus = createFocusKeeper(this.#main);
  #status;
  #tour;
  #bar;
  #inspector;
  #views;

  /** @param {Context} context to which the shell gives its voices @param {readonly ViewDefinition[]} definitions */
  constructor(context, definitions) {
    this.#context = context;
    this.#definitions = definitions;
    this.#tabs = definitions.filter((definition) => tabOf(definition) === definition.name);
    this.#status = createStatus(context.report, () => this.#openNotices());
    context.hint = this.#status.hint;
    context.announce = (text) => fill(this.#live, text);
    context.notify = this.#notices.add;
    this.#tour = createTour(context, { invited: window.location.hash === '' && !isFrameText() });
    this.#bar = createBar(context, definitions,
      { viewNow: () => this.#viewOf(context.state.get()), onTour: () => this.#tour.begin() });
    this.#inspector = createInspector(context, definitions);
    this.#views = new Map(definitions.map((definition) => [definition.name, definition.create(context)]));
    this.#fillPage();
    this.#listen();
    void this.#show(context.state.get());
  }

  #fillPage() {
    const stage = el('div', { class: 'stagearea' }, this.#notices.element, this.#main, this.#tour.element);
    fill(/** @type {HTMLElement} */ (document.getElementById('app')), this.#bar.element,
      el('div', { class: 'middle' }, stage, this.#inspector.element),
      this.#status.element, this.#live, this.#context.tooltip.element);
    document.getElementById('boot-help')?.setAttribute('hidden', '');
  }

  #listen() {
    const { report, state, theme } = this.#context;
    state.subscribe((next, previous) => void this.#show(next, previous));
    theme.subscribe(() => this.#viewOf(state.get()).redraw());
    report.onChange((event) => {
      if (event.type === 'stale') this.#notices.add(STALE, { label: 'Reload', run: () => window.location.reload() });
    });
    if (isFrameText()) document.addEventListener('click', followLink);
    document.addEventListener('keydown', (event) => {
      if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.target instanceof Element && belongsTo(event.target, event.key)) return;
      if (this.#key(event)) event.preventDefault();
    });
  }

  /** @param {Selection} selection @param {Selection} [previous] */
  async #show(selection, previous) {
    const { state } = this.#context;
    const { dataset } = document.documentElement;
    dataset.ready = 'false';
    const view = this.#viewOf(selection);
    const place = focusWithin(this.#main);
    if (this.#main.firstElementChild !== view.element) {
      if (previous) this.#viewOf(previous).hide();
      this.#main.replaceChildren(view.element);
    }
    dataset.view = selection.view;
    this.#showAround(selection, previous);
    const drawn = view.show(selection);
    if (place && !focusWithin(this.#main)) focusLike(this.#main, place, { byName: true });
    const outcome = await drawn.then(() => 'true', (error) => {
      if (!(error instanceof Error) || error.name !== 'DataError') console.error(error);
      return 'error';
    });
    if (state.get() !== selection) return;
    this.#focus.keep();
    dataset.ready = outcome;
  }

  /** What surrounds the view. @param {Selection} selection @param {Selection} [previous] */
  #showAround(selection, previous) {
    const { report, state } = this.#context;
    document.title = pageTitle(this.#definitions, selection, report.manifest.title);
    this.#bar.show(selection);
    this.#status.show(selection);
    this.#inspector.show(selection, previous);
    if (state.notices().length > 0) this.#notices.add(state.notices().join(' '));
  }

  /** Keys that no control took: the shell's own, then the view's; true if used. @param {KeyboardEvent} event */
  #key(event) {
    const { state, rows, search } = this.#context;
    const { model, head } = state.get();
    const step = STEPS[event.key];
    const definition = this.#tabs[Number(event.key) - 1];
    if (event.key === '?') this.#bar.help.toggle();
    else if (event.key === '/') this.#bar.search.open();
    else if (/^[nN]$/.test(event.key) && state.get().find !== '') void search.step(event.key === 'n' ? 1 : -1);
    else if (event.key === 'e') this.#bar.exporting.toggle();
    else if (definition) state.set({ view: definition.name });
    else if (step && event.shiftKey) {
      const next = neighbour(rows(model), head, ...step);
      if (next) state.set({ head: next.id }, { push: false });
    } else return this.#viewOf(state.get()).key(event);
    return true;
  }

  /** @param {Selection} selection */
  #viewOf({ view }) {
    return /** @type {View} */ (this.#views.get(view));
  }

  /** Brings the report's notices into sight, in the inspector. */
  #openNotices() {
    const provenance = this.#inspector.element.querySelector('.provenance');
    this.#inspector.element.classList.add('open');
    provenance?.setAttribute('open', '');
    provenance?.querySelector('.notices')?.scrollIntoView({ block: 'nearest' });
  }
}

/** Whether a key is for what has the focus, not for the view. @param {Element} target @param {string} key */
function belongsTo(target, key) {
  const presses = key === 'Enter' || key === ' ';
  return takesKeys(target) || target.closest('dialog') !== null
    || (presses && target.matches('a, button, summary, input'));
}

/** @param {readonly ViewDefinition[]} definitions @param {Selection} selection @param {string} reportTitle */
function pageTitle(definitions, selection, reportTitle) {
  const definition = definitions.find(({ name }) => name === selection.view);
  const title = definition?.pageTitle?.(selection) ?? definition?.title;
  return title ? `${title} · ${reportTitle}` : reportTitle;
}
