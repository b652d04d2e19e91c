/** What stands around a head's map: its sentence, switches, legend, badge, buttons, the panel of its selected part. */
import { createLegend } from '../../parts/color/legend.js';
import { el, fill } from '../../parts/element.js';
import { createHideSwitch } from '../../parts/left-out.js';
import { beliefOf, createBadge } from '../../parts/map-badge.js';
import { describeHead, headControls } from './caption.js';
import { DENSITY_WORDS } from './density.js';
import { createOutside } from './outside.js';
import { namesInSight } from './region-names.js';
import { createTies } from './ties.js';
import { createZooms } from './zooms.js';

/** @import { Model } from '../../data/types.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Context } from '../../parts/types.js' */
/** @import { MapData } from './data.js' */
/** @import { Scene } from './scene.js' */
/** @import { createSelecting } from './selecting.js' */

/**
 * @typedef {object} Parts
 * @property {HTMLElement} host of the picture
 * @property {ReturnType<typeof createSelecting>} selecting
 * @property {(factor: number) => void} onZoom
 * @property {() => void} onReset
 */

export class Frame {
  #context;
  #scene;
  #parts;
  #lede = el('p', { class: 'lede', 'aria-live': 'polite' });
  #tools = el('div', { class: 'tools' });
  #badge = createBadge();
  #hideSwitch;
  #size = el('p', { class: 'size-words quiet', hidden: true });
  #lines = el('input', { type: 'checkbox', onchange: () => this.#toggleLines() });
  #density = el('label', { class: 'chip check density', hidden: true, 'data-tip': DENSITY_WORDS },
    this.#lines, 'Density');
  #outside;
  #ties;
  #zooms;

  /** @param {Context} context @param {Scene} scene @param {Parts} parts */
  constructor(context, scene, parts) {
    this.#context = context;
    this.#scene = scene;
    this.#parts = parts;
    this.#hideSwitch = createHideSwitch(context.state);
    this.legend = createLegend((slot) => scene.emphasise(slot));
    this.#outside = createOutside(() => scene.look((eye) => eye.showAll()));
    this.#ties = createTies(context);
    this.#zooms = createZooms(parts.onZoom, parts.onReset);
    const picture = el('div', { class: 'map-frame' }, parts.host,
      el('div', { class: 'map-notes' }, this.#badge.element, this.#outside.element),
      el('div', { class: 'map-switches' }, this.#ties.element, this.#density, this.#hideSwitch.element),
      parts.selecting.tools, this.#zooms);
    this.elements = [
      el('div', { class: 'toolbar' }, this.#lede, this.#tools, this.legend.long, this.#size),
      el('div', { class: 'map-parts' }, picture, parts.selecting.panel),
    ];
  }

  #toggleLines() {
    this.#context.state.set({ bare: !this.#lines.checked }, { push: false });
  }

  /** What is said of the map, and how true it is. */
  get words() {
    const parts = [this.#lede, this.#badge.element, ...this.#size.hidden ? [] : [this.#size]];
    return parts.map(({ textContent }) => textContent).join(' ');
  }

  /** What is known before the map is loaded. @param {Selection} selection @param {boolean} mapless */
  prepare(selection, mapless) {
    fill(this.#tools, this.legend.short, ...headControls(this.#context, selection));
    const axes = this.#context.report.model(selection.model)?.axes ?? [];
    this.#hideSwitch.show(selection, !mapless && axes.some(({ kind }) => kind === 'text'));
    this.#zooms.hidden = mapless;
    this.#parts.selecting.tools.hidden = mapless;
  }

  /** @param {Selection} selection what is drawn @param {MapData} data */
  show(selection, data) {
    const { report } = this.#context;
    const model = /** @type {Model} */ (report.model(selection.model));
    this.#badge.show(beliefOf(model, data.head, selection.map));
    fill(this.#lede, ...describeHead(model, selection, this.#scene.focus, data));
    this.#parts.selecting.show(selection);
    this.#ties.show(selection);
    const { sizing, leftOut } = this.#scene.appearance;
    fill(this.#size, sizing && `Size: ${sizing.words}.`);
    this.#size.hidden = !sizing;
    this.#hideSwitch.sayPoints(leftOut, data.head.id);
    this.#lines.checked = !selection.bare;
  }

  /** What the picture shows as the eye is now. @param {Selection} selection */
  showSight({ head }) {
    const panel = this.#scene.panel();
    const names = panel ? namesInSight(panel, this.#scene.regions(panel)) : [];
    const regions = names.length > 0 ? ` Regions of ${names.join(', ')}.` : '';
    this.#parts.host.setAttribute('aria-label', `Map of ${head}. ${this.#lede.textContent}${regions}`);
    this.#density.hidden = !panel || !this.#scene.density(panel);
    this.#outside.show(panel);
  }

  clear() {
    this.legend.clear();
    this.#badge.show(undefined);
    this.#outside.show(undefined);
    this.#parts.selecting.clear();
    this.#ties.element.hidden = true;
    this.#density.hidden = true;
    fill(this.#lede);
  }
}
