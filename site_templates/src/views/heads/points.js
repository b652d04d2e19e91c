/** Heads as points: two statistics against each other, or a layout in which near means attending alike. */
import { extentOf, nextPoint, placeHeads } from '../../state/heads-points.js';
import { el, fill } from '../../parts/element.js';
import { headCard } from '../../parts/head-card.js';
import { STEPS } from '../../parts/steps.js';
import { svg } from '../../parts/svg.js';
import { axes, nameOf, names, placerIn, plotBox, RADIUS } from './points-picture.js';
import { tintHeads } from './tint.js';

/** @import { Model } from '../../data/types.js' */
/** @import { Point, Points } from '../../state/heads-points.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Context, Head } from '../../parts/types.js' */

/**
 * @typedef {{model: Model, fitting: ReadonlySet<Head>, selection: Selection}} Scene `fitting`: that the filter lets
 *   through
 */

/** A drawing of points, one of which is selected. */
export class HeadsPoints {
  #context;
  #drawing = svg('svg', { class: 'points', role: 'listbox', 'aria-label': 'Heads as points' });
  /** @type {Scene | undefined} */
  #scene;
  /** @type {Points} */
  #points = { points: [], missing: 0 };
  /** By the head's id. @type {Map<string, SVGGElement>} */
  #marks = new Map();
  /** What is drawn, but for which head is selected. */
  #drawn = '';

  /** @param {Context} context */
  constructor(context) {
    this.#context = context;
    this.element = el('div', { class: 'points-host' });
    this.element.append(this.#drawing);
    this.#listen();
    new ResizeObserver(() => this.redraw()).observe(this.element);
  }

  /** The points, how many heads have none, and the layout they are in. */
  get points() {
    return this.#points;
  }

  /**
   * @param {Model} model
   * @param {readonly Head[]} fitting heads that the filter lets through
   * @param {Selection} selection
   */
  show(model, fitting, selection) {
    const focused = this.#hasFocus();
    this.#scene = { model, fitting: new Set(fitting), selection };
    this.#points = placeHeads(model, this.#context.report.heads(model.name), selection);
    const { show, x, y, tint, filter, labels } = selection;
    const next = [model.name, this.#points.layout?.stacks, show, x, y, tint, filter, labels].join('\n');
    if (next === this.#drawn && this.#drawing.firstChild) this.#select(selection.head);
    else this.redraw();
    this.#drawn = next;
    if (focused) this.#marks.get(selection.head)?.focus();
  }

  redraw() {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (!this.#scene || width === 0 || height === 0) return;
    const { model, fitting, selection } = this.#scene;
    const equal = selection.show === 'likeness';
    const box = plotBox(width, height);
    const extent = extentOf(this.#points.points, equal, box.width / box.height);
    const place = placerIn(box, extent);
    // Those that do not fit the filter lie below, and faint.
    const ordered = [...this.#points.points].sort((a, b) => Number(fitting.has(a.head)) - Number(fitting.has(b.head)));
    this.#marks = this.#makeMarks(this.#scene, ordered, place);
    this.#drawing.setAttribute('viewBox', `0 0 ${width} ${height}`);
    fill(this.#drawing, ...(equal ? [] : axes(model, selection, extent, box)), ...this.#marks.values(),
      ...names(ordered.filter(({ head }) => fitting.has(head)), place, { x: 0, y: 0, width, height }));
    this.#select(selection.head);
  }

  /** Keys that no control took; true if used. @param {KeyboardEvent} event */
  key({ key }) {
    const { state } = this.#context;
    const step = STEPS[key];
    if (key === 'Enter' && this.#hasFocus()) {
      state.set({ view: 'head' });
      return true;
    }
    if (!step || !this.#scene) return false;
    const next = this.#nextHead(state.get().head, step, this.#scene.fitting);
    if (next !== undefined) this.#goTo(next);
    return true;
  }

  #listen() {
    const { state, tooltip } = this.#context;
    /** @param {Event} event */
    const point = (event) => this.#point(this.#headAt(event.target));
    this.#drawing.addEventListener('pointerover', point);
    this.#drawing.addEventListener('pointerleave', () => tooltip.hide());
    this.#drawing.addEventListener('focusin', point);
    this.#drawing.addEventListener('focusout', () => tooltip.hide());
    this.#drawing.addEventListener('click', (event) => {
      const head = this.#headAt(event.target);
      if (head) this.#goTo(head.id);
    });
    this.#drawing.addEventListener('dblclick', (event) => {
      const head = this.#headAt(event.target);
      if (head) state.set({ view: 'head', head: head.id });
    });
  }

  /**
   * @param {Scene} scene
   * @param {readonly Point[]} points
   * @param {(point: Point) => {x: number, y: number}} place
   * @returns {Map<string, SVGGElement>}
   */
  #makeMarks({ model, fitting, selection }, points, place) {
    const { report, theme } = this.#context;
    const tint = tintHeads(model, report.heads(model.name), selection.tint, theme.colors().page);
    return new Map(points.map((point) => {
      const { x, y } = place(point);
      const { head } = point;
      return [head.id, svg('g', {
        class: fitting.has(head) ? 'point' : 'point out', role: 'option', 'data-head': head.id,
        'aria-label': nameOf(model, selection, head), tabindex: -1,
        transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`,
      },
      svg('circle', { class: 'hit', r: RADIUS + 5 }),
      svg('circle', { class: 'dot', r: RADIUS, fill: tint.of(head) }))];
    }));
  }

  /** Marks the selected head, and names it where its name found no room. @param {string} id */
  #select(id) {
    const drawing = this.#drawing;
    drawing.querySelectorAll('.point-name.extra').forEach((name) => name.remove());
    drawing.querySelectorAll('.point-name.selected').forEach((name) => name.classList.remove('selected'));
    // Where the selected head is not drawn, the last point is the way in.
    const reachable = this.#marks.has(id) ? id : [...this.#marks.keys()].pop();
    for (const [head, mark] of this.#marks) {
      mark.setAttribute('aria-selected', String(head === id));
      mark.setAttribute('tabindex', head === reachable ? '0' : '-1');
    }
    const name = [...drawing.querySelectorAll('.point-name')].find(({ textContent }) => textContent === id);
    const transform = this.#marks.get(id)?.getAttribute('transform');
    if (name) name.classList.add('selected');
    else if (transform) {
      drawing.append(svg('text', { class: 'point-name selected extra', transform, x: RADIUS + 7, y: 4 }, id));
    }
  }

  /** Tells of a head. @param {Head | undefined} head */
  #point(head) {
    const { tooltip } = this.#context;
    if (!head) return tooltip.hide();
    const dot = this.#marks.get(head.id)?.lastElementChild;
    if (dot) tooltip.show(dot.getBoundingClientRect(), ...headCard(this.#context, head));
  }

  /** @param {EventTarget | null} target */
  #headAt(target) {
    const { report, state } = this.#context;
    const mark = target instanceof Element ? target.closest('[data-head]') : null;
    return report.head(state.get().model, /** @type {SVGElement | null} */ (mark)?.dataset.head ?? '');
  }

  /**
   * The head one step from the selected one; the selected one itself, or the first, for whoever comes from outside.
   * @param {string} selected
   * @param {[number, number]} step
   * @param {ReadonlySet<Head>} fitting
   */
  #nextHead(selected, step, fitting) {
    const within = this.#points.points.filter(({ head }) => fitting.has(head));
    if (this.#hasFocus()) return nextPoint(within, selected, step)?.head.id;
    return this.#marks.has(selected) ? selected : within[0]?.head.id;
  }

  #hasFocus() {
    return this.#drawing.contains(document.activeElement);
  }

  /** Selects a head, the focus on its point. @param {string} id */
  #goTo(id) {
    this.#context.state.set({ head: id }, { push: false });
    this.#marks.get(id)?.focus();
  }
}
