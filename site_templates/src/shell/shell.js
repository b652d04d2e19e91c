/** Puts the parts around the views and the views together, and shows the one that the selection names. */
import { neighbour } from '../state/layout.js';
import { DataError } from '../data/errors.js';
import { prefetchParts } from '../data/parts.js';
import { canKeep } from '../data/transport.js';
import { el, fill, takesKeys } from '../parts/element.js';
import { focusLike, focusWithin } from '../parts/focus.js';
import { problemCard } from '../parts/problem.js';
import { STEPS } from '../parts/steps.js';
import { tabOf } from '../parts/ways.js';
import { createBar } from './bar.js';
import { createEmbedLine, leavePageInPlace, leaveWheelToPage } from './embed-line.js';
import { createFocusKeeper } from './focus-keeper.js';
import { createInspector } from './inspector/inspector.js';
import { createNotices } from './notices.js';
import { followLink, isFrameText } from './frame-text.js';
import { createStatus } from './status.js';
import { createTour } from './tour/tour.js';
import { Views } from './views.js';

/** @import { Selection } from '../state/types.js' */
/** @import { Context, View, ViewDefinition } from '../parts/types.js' */

/** Milliseconds after the first view is drawn until the scripts of the others are fetched. */
const PREFETCH_AFTER = 1500;
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
  #embedLine;
  #tour;
  #bar;
  #inspector;
  #views;
  /** The view that is seen. @type {View | undefined} */
  #current;

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
    this.#bar = createBar(context, definitions, { viewNow: () => this.#current, onTour: () => this.#tour.begin() });
    this.#inspector = createInspector(context, definitions);
    this.#embedLine = createEmbedLine(context);
    this.#views = new Views(context, definitions);
    this.#fillPage();
    this.#listen();
    void this.#show(context.state.get()).then(() => {
      if (context.state.get().embed) return;
      prefetchLater(this.#bar.exporting.prepare);
      if (canKeep(context.report.manifest)) void this.#offerToKeep();
    });
  }

  #fillPage() {
    const stage = el('div', { class: 'stagearea' }, this.#notices.element, this.#main, this.#tour.element);
    fill(/** @type {HTMLElement} */ (document.getElementById('app')), this.#bar.element,
      el('div', { class: 'middle' }, stage, this.#inspector.element),
      this.#status.element, this.#embedLine.element, this.#live, this.#context.tooltip.element);
    document.getElementById('boot-help')?.setAttribute('hidden', '');
  }

  #listen() {
    const { report, state, theme } = this.#context;
    state.subscribe((next, previous) => void this.#show(next, previous));
    theme.subscribe(() => this.#current?.redraw());
    report.onChange((event) => {
      if (event.type === 'stale') this.#notices.add(STALE, { label: 'Reload', run: () => window.location.reload() });
    });
    if (isFrameText()) document.addEventListener('click', followLink);
    leaveWheelToPage(state);
    leavePageInPlace(state);
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
    dataset.view = selection.view;
    this.#showAround(selection, previous);
    const outcome = await this.#draw(selection).then(() => 'true', (error) => {
      if (!(error instanceof Error) || error.name !== 'DataError') console.error(error);
      return 'error';
    });
    if (state.get() !== selection) return;
    this.#focus.keep();
    dataset.ready = outcome;
  }

  /** Draws a selection in its view, which is made first where it was never opened. @param {Selection} selection */
  async #draw(selection) {
    const view = this.#views.get(selection.view) ?? await this.#makeView(selection);
    if (!view) return;
    const place = focusWithin(this.#main);
    if (this.#current !== view) {
      this.#current?.hide();
      this.#current = view;
      this.#main.replaceChildren(view.element);
    }
    const drawn = view.show(selection);
    if (place && !focusWithin(this.#main)) focusLike(this.#main, place, { byName: true });
    await drawn;
  }

  /**
   * Makes a view; undefined where something else was selected in the meantime. Where its script does not come, that is
   * said in its place, with a way to try again.
   * @param {Selection} selection
   */
  async #makeView(selection) {
    const { report, state } = this.#context;
    try {
      const view = await this.#views.make(selection.view);
      return state.get() === selection ? view : undefined;
    } catch (error) {
      if (error instanceof DataError) report.tellFailure(error);
      if (state.get() === selection) {
        this.#current?.hide();
        this.#current = undefined;
        const again = el('button', { type: 'button', class: 'tool', onclick: () => void this.#show(state.get()) },
          'Try again');
        const card = problemCard(error, 'This view cannot be opened.');
        card.append(again);
        fill(this.#main, el('section', { class: 'view' }, el('div', { class: 'problem-place' }, card)));
      }
      throw error;
    }
  }

  /** What surrounds the view. @param {Selection} selection @param {Selection} [previous] */
  #showAround(selection, previous) {
    const { report, state } = this.#context;
    document.title = pageTitle(this.#definitions, selection, report.manifest.title);
    this.#bar.show(selection);
    this.#status.show(selection);
    document.documentElement.dataset.embed = String(selection.embed);
    if (selection.embed) this.#embedLine.show(selection);
    else this.#inspector.show(selection, previous?.embed ? undefined : previous);
    if (state.notices().length > 0) this.#notices.add(state.notices().join(' '));
  }

  /** Keys that no control took: the shell's own, then the view's; true if used. @param {KeyboardEvent} event */
  #key(event) {
    const { state, rows, search } = this.#context;
    const { model, head, embed } = state.get();
    const step = STEPS[event.key];
    const definition = this.#tabs[Number(event.key) - 1];
    if (embed && (definition || '?/e'.includes(event.key))) return false;
    if (event.key === '?') this.#bar.help.toggle();
    else if (event.key === '/') this.#bar.search.open();
    else if (/^[nN]$/.test(event.key) && state.get().find !== '') void search.step(event.key === 'n' ? 1 : -1);
    else if (event.key === 'e') this.#bar.exporting.toggle();
    else if (event.key === 't') this.#bar.exporting.numbers();
    else if (definition) state.set({ view: definition.name });
    else if (step && event.shiftKey) {
      const next = neighbour(rows(model), head, ...step);
      if (next) state.set({ head: next.id }, { push: false });
    } else return this.#keyOfView(event);
    return true;
  }

  /** A key for the selected view; one that is being made takes it when it is there. @param {KeyboardEvent} event */
  #keyOfView(event) {
    const { state } = this.#context;
    const { view: name } = state.get();
    const view = this.#views.get(name);
    if (view) return view.key(event);
    const press = (/** @type {View} */ ready) => {
      if (state.get().view === name) ready.key(event);
    };
    this.#views.make(name).then(press, () => undefined);
    return true;
  }

  async #offerToKeep() {
    const { report, announce } = this.#context;
    const { offerToKeep } = await import('./keep.js');
    await offerToKeep(report, this.#status.keeping, announce);
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
  return takesKeys(target) || target.closest('dialog[open]') !== null
    || (presses && target.matches('a, button, summary, input'));
}

/**
 * Fetches the scripts of all views once the first is drawn and nothing else is to do.
 * @param {() => void} prepare what is then made, too
 */
function prefetchLater(prepare) {
  const idle = window.requestIdleCallback ?? ((/** @type {() => void} */ work) => setTimeout(work));
  setTimeout(() => idle(() => void prefetchParts().then(prepare)), PREFETCH_AFTER);
}

/** @param {readonly ViewDefinition[]} definitions @param {Selection} selection @param {string} reportTitle */
function pageTitle(definitions, selection, reportTitle) {
  const definition = definitions.find(({ name }) => name === selection.view);
  const title = definition?.pageTitle?.(selection) ?? definition?.title;
  return title ? `${title} · ${reportTitle}` : reportTitle;
}
