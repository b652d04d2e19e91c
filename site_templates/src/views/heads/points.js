/** Heads as points: two statistics against each other, or a layout in which near means attending alike. */
import { extentOf, nextPoint, placeHeads } from '../../state/heads-points.js';
import { headCard } from '../../parts/head-card.js';
import { STEPS } from '../../parts/steps.js';
import { el, fill } from '../../parts/element.js';
import { axes, nameOf, names, RADIUS } from './points-picture.js';
import { tintHeads } from './tint.js';
import { svg } from '../../parts/svg.js';

/** @import { Model } from '../../data/types.js' */
/** @import { Point, Points } from '../../state/heads-points.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Context, Head } from '../../parts/types.js' */

const MARGIN = { left: 62, right: 18, top: 14, bottom: 46 };

/** @param {Context} context */
export function createHeadsPoints(context) {
  const { state, theme, tooltip, report } = context;
  const drawing = svg('svg', { class: 'points', role: 'listbox', 'aria-label': 'Heads as points' });
  const element = el('div', { class: 'points-host' });
  element.append(drawing);
  /** @type {{model: Model, fitting: ReadonlySet<Head>, selection: Selection} | undefined} */
  let shown;
  /** @type {Points} */
  let placed = { points: [], missing: 0 };
  /** @type {Map<string, SVGGElement>} */
  let marks = new Map();
  /** What is drawn, but for which head is selected. */
  let drawn = '';

  const draw = () => {
    const { clientWidth: width, clientHeight: height } = element;
    if (!shown || width === 0 || height === 0) return;
    const { model, fitting, selection } = shown;
    const equal = selection.show === 'likeness';
    const box = { x: MARGIN.left, y: MARGIN.top, width: Math.max(1, width - MARGIN.left - MARGIN.right),
      height: Math.max(1, height - MARGIN.top - MARGIN.bottom) };
    const frame = extentOf(placed.points, equal, box.width / box.height);
    /** @param {Point} point */
    const place = ({ x, y }) => ({
      x: box.x + (box.width * (x - frame.x[0])) / (frame.x[1] - frame.x[0]),
      y: box.y + box.height * (1 - (y - frame.y[0]) / (frame.y[1] - frame.y[0])),
    });
    const colors = tintHeads(model, report.heads(model.name), selection.tint, theme.colors().page);
    // Those that do not fit the filter lie below, and faint.
    const ordered = [...placed.points].sort((a, b) => Number(fitting.has(a.head)) - Number(fitting.has(b.head)));
    marks = new Map();
    const dots = ordered.map((point) => {
      const at = place(point);
      const mark = svg('g', {
        class: fitting.has(point.head) ? 'point' : 'point out', role: 'option', 'data-head': point.head.id,
        'aria-label': nameOf(model, selection, point.head),
        tabindex: -1, transform: `translate(${at.x.toFixed(1)} ${at.y.toFixed(1)})`,
      }, svg('circle', { class: 'hit', r: RADIUS + 5 }),
    svg('circle', { class: 'dot', r: RADIUS, fill: colors.of(point.head) }));
      marks.set(point.head.id, mark);
      return mark;
    });
    drawing.setAttribute('viewBox', `0 0 ${width} ${height}`);
    fill(drawing, ...(equal ? [] : axes(model, selection, frame, box)), ...dots,
      ...names(ordered.filter(({ head }) => fitting.has(head)), place, { x: 0, y: 0, width, height }));
    mark(selection.head);
  };
  /** Marks the selected head, and names it where its name found no room. @param {string} id */
  const mark = (id) => {
    drawing.querySelectorAll('.point-name.extra').forEach((name) => name.remove());
    drawing.querySelectorAll('.point-name.selected').forEach((name) => name.classList.remove('selected'));
    // Where the selected head is not drawn, the last point is the way in.
    const way = marks.has(id) ? id : [...marks.keys()].pop();
    for (const [own, point] of marks) {
      point.setAttribute('aria-selected', String(own === id));
      point.setAttribute('tabindex', own === way ? '0' : '-1');
    }
    const name = [...drawing.querySelectorAll('.point-name')].find(({ textContent }) => textContent === id);
    const place = marks.get(id)?.getAttribute('transform');
    if (name) name.classList.add('selected');
    else if (place) drawing.append(svg('text', { class: 'point-name selected extra', transform: place, x: RADIUS + 7, y: 4 }, id));
  };
  new ResizeObserver(draw).observe(element);

  /** @param {EventTarget | null} target */
  const headAt = (target) => report.head(state.get().model,
    /** @type {SVGElement | null} */ (target instanceof Element ? target.closest('[data-head]') : null)?.dataset.head
    ?? '');
  /** @param {Event} event */
  const point = (event) => {
    const head = headAt(event.target);
    if (!head) return tooltip.hide();
    const dot = marks.get(head.id)?.lastElementChild;
    if (dot) tooltip.show(dot.getBoundingClientRect(), ...headCard(context, head));
  };
  drawing.addEventListener('pointerover', point);
  drawing.addEventListener('pointerleave', () => tooltip.hide());
  drawing.addEventListener('focusin', point);
  drawing.addEventListener('focusout', () => tooltip.hide());
  drawing.addEventListener('click', (event) => {
    const head = headAt(event.target);
    if (head) select(head.id);
  });
  drawing.addEventListener('dblclick', (event) => {
    const head = headAt(event.target);
    if (head) state.set({ view: 'head', head: head.id });
  });

  /** @param {string} id */
  function select(id) {
    state.set({ head: id }, { push: false });
    marks.get(id)?.focus();
  }

  return {
    element,
    /** How many heads have no place, and the layout they are in. */
    placed: () => placed,
    /**
     * @param {Model} model
     * @param {readonly Head[]} fitting heads that the filter lets through
     * @param {Selection} selection
     */
    show(model, fitting, selection) {
      const focused = drawing.contains(document.activeElement);
      shown = { model, fitting: new Set(fitting), selection };
      placed = placeHeads(model, report.heads(model.name), selection);
      const { show, x, y, tint, filter, labels } = selection;
      const wanted = [model.name, placed.layout?.stacks, show, x, y, tint, filter, labels].join('\n');
      if (wanted === drawn && drawing.firstChild) mark(selection.head);
      else draw();
      drawn = wanted;
      if (focused) marks.get(selection.head)?.focus();
    },
    redraw: draw,
    /** @param {KeyboardEvent} event */
    key({ key }) {
      const step = STEPS[key];
      const { head } = state.get();
      if (key === 'Enter' && drawing.contains(document.activeElement)) {
        state.set({ view: 'head' });
        return true;
      }
      if (!step || !shown) return false;
      const { fitting } = shown;
      const within = placed.points.filter((each) => fitting.has(each.head));
      const next = drawing.contains(document.activeElement)
        ? nextPoint(within, head, step)?.head.id : marks.has(head) ? head : within[0]?.head.id;
      if (next !== undefined) select(next);
      return true;
    },
  };
}
