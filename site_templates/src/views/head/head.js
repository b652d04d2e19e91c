/** One head's map, large: pan, turn, zoom, look at tokens, select one and see what it attends to. */
import { BY_KIND, loadColoring, releaseImages } from '../../parts/color/coloring.js';
import { createLegend } from '../../parts/color/legend.js';
import { el, fill } from '../../parts/element.js';
import { beliefOf, createBadge } from '../../parts/map-badge.js';
import { hasMap, maplessCard } from '../../parts/mapless.js';
import { problemCard } from '../../parts/problem.js';
import { describeHead, headControls } from './caption.js';
import { loadFocus, loadMap } from './data.js';
import { createKeys, HINTS } from './keys.js';
import { attachPointing } from './pointing.js';
import { Scene } from './scene.js';
import { loadInside } from './inside.js';
import { createOutside } from './outside.js';
import { createSelecting } from './selecting.js';
import { namesInSight } from './region-names.js';
import { loadTypes } from './types.js';
import { createZooms } from './zooms.js';

/** @import { Model } from '../../data/types.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Context, Head, View } from '../../parts/types.js' */
/** @import { MapData } from './data.js' */

/** @implements {View} */
export class HeadView {
  #context;
  // What is pressed on a problem's card is no gesture on the map.
  #problem = el('div', { class: 'problem-place', onpointerdown: stopPropagation });
  #host = el('div', { class: 'map-host', tabIndex: 0, role: 'img' }, this.#problem);
  #lede = el('p', { class: 'lede', 'aria-live': 'polite' });
  #tools = el('div', { class: 'tools' });
  #badge = createBadge();
  #outside = createOutside(() => this.#scene.look((eye) => eye.showAll()));
  #scene;
  #legend;
  #selecting;
  #zooms;
  #press;

  /** @param {Context} context */
  constructor(context) {
    this.#context = context;
    this.#scene = new Scene(context, this.#host);
    this.#selecting = createSelecting(context, this.#scene);
    const { reset } = attachPointing(context, this.#host, this.#scene, this.#selecting);
    this.#scene.gaze.onRest = () => this.#keepEye();
    this.#legend = createLegend((slot) => this.#scene.emphasise(slot));
    this.#zooms = createZooms((factor) => this.#zoomBy(factor), reset);
    this.#press = createKeys(context, this.#scene,
      { zoomBy: (factor) => this.#zoomBy(factor), reset, letGo: () => this.#selecting.letGo() });
    this.element = el('section', { class: 'view head', 'aria-label': 'Map of one head' },
      el('div', { class: 'toolbar' }, this.#lede, this.#tools, this.#legend.long),
      el('div', { class: 'map-parts' },
        el('div', { class: 'map-frame' }, this.#host, this.#badge.element, this.#outside.element,
          this.#selecting.tools, this.#zooms),
        this.#selecting.panel));
  }

  /** @param {Selection} selection */
  async show(selection) {
    const { report, tooltip } = this.#context;
    this.#scene.take();
    tooltip.hide();
    fill(this.#tools, this.#legend.short, ...headControls(this.#context, selection));
    const head = report.head(selection.model, selection.head);
    const mapless = head !== undefined && !hasMap(head, selection.map);
    this.#zooms.hidden = mapless;
    this.#selecting.tools.hidden = mapless;
    if (mapless) return this.#showMapless(head, selection);
    if (await this.#tryMap(selection)) await this.#finish(selection, head);
  }

  hide() {
    this.#context.tooltip.hide();
    this.#scene.forget();
    releaseImages(this.#context);
  }

  redraw() {
    const { data } = this.#scene;
    if (data) void this.#color(this.#context.state.get(), data).then(() => this.#scene.draw());
  }

  /** @param {KeyboardEvent} event */
  key({ key }) {
    return this.#press(key);
  }

  /** What a selection without a map shows. @param {Head} head @param {Selection} selection */
  #showMapless(head, selection) {
    this.#clear();
    this.#context.hint(HINTS.mapless);
    fill(this.#problem, maplessCard(this.#context, head, selection.map));
  }

  /**
   * Loads a map, or says why it cannot be drawn; false where another selection came in between.
   * @param {Selection} selection
   */
  async #tryMap(selection) {
    this.element.classList.toggle('loading', !this.#scene.data);
    try {
      if (!await this.#loadMap(selection)) return false;
      fill(this.#problem);
      return true;
    } catch (error) {
      if (!this.#isCurrent(selection)) return false;
      this.#clear();
      fill(this.#problem, problemCard(error, `The map of ${selection.head} cannot be drawn.`));
      throw error;
    } finally {
      this.element.classList.remove('loading');
    }
  }

  /**
   * Loads a map, its colours, its document; false where another selection came in between.
   * @param {Selection} selection
   */
  async #loadMap(selection) {
    const name = `${selection.model} ${selection.head} ${selection.map}`;
    if (!this.#scene.data || this.#scene.name !== name) {
      const next = await loadMap(this.#context, selection);
      if (!this.#isCurrent(selection)) return false;
      this.#scene.become(next, name);
    }
    this.#context.hint(this.#scene.solid ? HINTS.solid : HINTS.flat);
    const data = /** @type {MapData} */ (this.#scene.data);
    if (!await this.#color(selection, data)) return false;
    const focus = selection.doc === null ? undefined : await loadFocus(this.#context, selection, data);
    const inside = await loadInside(this.#context, selection, data, focus);
    // Only the newest selection is drawn, whichever files come first.
    if (!this.#isCurrent(selection)) return false;
    this.#scene.point({ focus, inside });
    return true;
  }

  /**
   * Colours the points, by their kind where the colouring fails; false where another selection came in between.
   * @param {Selection} selection
   * @param {MapData} data
   */
  async #color(selection, data) {
    const work = { goOn: () => this.#isCurrent(selection), progress: this.#legend.wait };
    /** @type {Error | undefined} */
    let fault;
    const coloring = await loadColoring(this.#context, selection, [data.head], work).catch((error) => {
      fault = error;
      return BY_KIND;
    });
    if (!coloring || !this.#isCurrent(selection)) return false;
    this.#scene.paint(coloring);
    if (fault) this.#legend.fail(fault);
    else this.#legend.show(coloring, this.#context.theme.colors());
    return true;
  }

  /**
   * What follows once all is loaded: the way here, words, the picture.
   * @param {Selection} selection
   * @param {Head | undefined} head
   */
  async #finish(selection, head) {
    const { origin, report } = this.#context;
    this.#context.origin = undefined;
    if (origin?.head === selection.head) await this.#scene.arrive(origin.box);
    const model = /** @type {Model} */ (report.model(selection.model));
    this.#badge.show(head && beliefOf(model, head, selection.map));
    const data = /** @type {MapData} */ (this.#scene.data);
    fill(this.#lede, ...describeHead(model, selection, this.#scene.focus, data));
    this.#host.setAttribute('aria-label', `Map of ${selection.head}. ${this.#lede.textContent}`);
    this.#selecting.show(selection);
    this.#scene.gaze.read(selection.eye);
    this.#scene.draw();
    await this.#scene.moved();
    await this.#name(selection, data);
    this.#outside.show(this.#scene.panel());
  }

  /**
   * Names the regions, which may take more files than the picture.
   * @param {Selection} selection
   * @param {MapData} data
   */
  async #name(selection, data) {
    if (this.#scene.focus) return;
    // Names are an extra: the points stand without them.
    const types = await loadTypes(this.#context, data).catch(() => undefined);
    if (!types || !this.#isCurrent(selection) || this.#scene.data !== data) return;
    this.#scene.types = types;
    this.#scene.draw();
    const panel = this.#scene.panel();
    const names = panel ? namesInSight(panel, this.#scene.regions(panel)) : [];
    if (names.length === 0) return;
    this.#host.setAttribute('aria-label', `${this.#host.getAttribute('aria-label')} Regions of ${names.join(', ')}.`);
  }

  /** The link keeps where the eye came to rest, and the page says what is out of its sight. */
  #keepEye() {
    if (!this.#scene.data) return;
    this.#context.state.set({ eye: this.#scene.gaze.write() }, { push: false });
    this.#outside.show(this.#scene.panel());
  }

  /** @param {Selection} selection */
  #isCurrent(selection) {
    return this.#context.state.get() === selection;
  }

  /** @param {number} factor */
  #zoomBy(factor) {
    this.#context.tooltip.hide();
    this.#scene.look((eye, rect) => eye.zoom(rect, factor, rect.x + rect.width / 2, rect.y + rect.height / 2));
  }

  #clear() {
    this.#scene.forget();
    this.#legend.clear();
    this.#badge.show(undefined);
    this.#outside.show(undefined);
    this.#selecting.clear();
    fill(this.#lede);
  }
}

/** @param {Event} event */
function stopPropagation(event) {
  event.stopPropagation();
}
