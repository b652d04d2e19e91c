/** One head's map, large: pan, turn, zoom, look at tokens, select one and see what it attends to, or select a part. */
import { BY_KIND, loadColoring, releaseImages } from '../../parts/color/coloring.js';
import { el, fill } from '../../parts/element.js';
import { hasMap, maplessCard } from '../../parts/mapless.js';
import { createMarks } from '../../parts/point-marks.js';
import { problemCard } from '../../parts/problem.js';
import { createCursor } from './cursor.js';
import { loadFocus, loadMap } from './data.js';
import { headExhibit } from './exhibit.js';
import { Frame } from './frame.js';
import { loadInside } from './inside.js';
import { createKeys, HINTS } from './keys.js';
import { attachPointing } from './pointing.js';
import { Scene } from './scene.js';
import { createSelecting } from './selecting.js';
import { loadSizing } from './sizes.js';
import { loadTypes } from './types.js';

/** @import { Selection } from '../../state/types.js' */
/** @import { Context, Head, View } from '../../parts/types.js' */
/** @import { MapData } from './data.js' */
/** @import { Spot } from './gestures.js' */

/** @implements {View} */
export class HeadView {
  #context;
  // What is pressed on a problem's card is no gesture on the map.
  #problem = el('div', { class: 'problem-place', onpointerdown: stopPropagation });
  #host = el('div', { class: 'map-host', tabIndex: 0, role: 'img' }, this.#problem);
  #scene;
  #marking;
  #frame;
  #press;

  /** @param {Context} context */
  constructor(context) {
    this.#context = context;
    this.#marking = createMarks(context);
    this.#scene = new Scene(context, this.#host);
    const selecting = createSelecting(context, this.#scene);
    const { reset, tell } = attachPointing(context, this.#host, this.#scene, selecting);
    const cursor = createCursor(context, this.#scene, async (vertex, at) => {
      await tell(vertex, at);
      context.announce(context.tooltip.element.textContent ?? '');
    });
    /** @param {number} factor @param {Spot} [at] */
    const zoomBy = (factor, at) => this.#zoomBy(factor, at);
    this.#scene.gaze.onRest = () => this.#keepEye();
    this.#press = createKeys(context, this.#scene, { zoomBy, reset, cursor, letGo: () => selecting.letGo() });
    this.#frame = new Frame(context, this.#scene, { host: this.#host, selecting, onZoom: zoomBy, onReset: reset });
    this.element = el('section', { class: 'view head', 'aria-label': 'Map of one head' }, ...this.#frame.elements);
  }

  /** @param {Selection} selection */
  async show(selection) {
    const { report, tooltip } = this.#context;
    this.#scene.take();
    tooltip.hide();
    const head = report.head(selection.model, selection.head);
    const mapless = head !== undefined && !hasMap(head, selection.map);
    this.#frame.prepare(selection, mapless);
    if (mapless) return this.#showMapless(head, selection);
    if (await this.#tryMap(selection)) await this.#finish(selection);
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

  exhibit() {
    const { report, state, theme } = this.#context;
    const [head, { data }] = [report.head(state.get().model, state.get().head), this.#scene];
    if (!head || !data) return undefined;
    return headExhibit({ report, selection: state.get(), scene: this.#scene, data, head,
      words: this.#frame.words, legend: () => {
        const { legend } = this.#frame;
        legend.show(this.#scene.coloring, theme.colors());
        return [legend.short, legend.long];
      } });
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
    const marks = await this.#marking.load(selection);
    if (!this.#isCurrent(selection)) return false;
    this.#scene.appearance.mark(data, marks);
    const sizing = await loadSizing(this.#context, selection, data, this.#workFor(selection));
    if (!this.#isCurrent(selection)) return false;
    this.#scene.appearance.size(data, sizing);
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
    const work = this.#workFor(selection);
    /** @type {Error | undefined} */
    let fault;
    const coloring = await loadColoring(this.#context, selection, [data.head], work).catch((error) => {
      fault = error;
      return BY_KIND;
    });
    if (!coloring || !this.#isCurrent(selection)) return false;
    this.#scene.appearance.paint(data, coloring);
    if (fault) this.#frame.legend.fail(fault);
    else this.#frame.legend.show(coloring, this.#context.theme.colors());
    return true;
  }

  /** @param {Selection} selection */
  #workFor(selection) {
    return { goOn: () => this.#isCurrent(selection), progress: this.#frame.legend.wait };
  }

  /** What follows once all is loaded: the way here, words, the picture, names. @param {Selection} selection */
  async #finish(selection) {
    const { origin } = this.#context;
    this.#context.origin = undefined;
    if (origin?.head === selection.head) await this.#scene.arrive(origin.box);
    const data = /** @type {MapData} */ (this.#scene.data);
    this.#frame.show(selection, data);
    this.#scene.gaze.read(selection.eye);
    this.#scene.draw();
    await this.#scene.moved();
    await this.#name(selection, data);
    this.#frame.showSight(selection);
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
  }

  /** The link keeps where the eye came to rest, and the page says what is out of its sight. */
  #keepEye() {
    if (!this.#scene.data) return;
    const { state } = this.#context;
    state.set({ eye: this.#scene.gaze.write() }, { push: false });
    this.#scene.draw();
    this.#frame.showSight(state.get());
  }

  /** @param {Selection} selection */
  #isCurrent(selection) {
    return this.#context.state.get() === selection;
  }

  /** @param {number} factor @param {Spot} [at] what stays where it is: the middle where nothing is named */
  #zoomBy(factor, at) {
    this.#context.tooltip.hide();
    this.#scene.look((eye, rect) => {
      const { x, y } = at ?? { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 };
      eye.zoom(rect, factor, x, y);
    });
  }

  #clear() {
    this.#scene.forget();
    this.#frame.clear();
  }
}

/** @param {Event} event */
function stopPropagation(event) {
  event.stopPropagation();
}
