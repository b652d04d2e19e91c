/** Heads as points: two statistics against each other, or a layout in which near means attending alike. */
import { placeLabels } from '../draw/labels.js';
import { ticks } from '../draw/ticks.js';
import { columnsOf } from '../state/columns.js';
import { isShare } from '../state/layout.js';
import { frameOf, nextPoint, placeHeads } from '../state/heads-points.js';
import { STEPS } from './atlas-grid.js';
import { headCard } from './atlas-cells.js';
import { el, fill } from './element.js';
import { tintHeads } from './heads-tint.js';
import { figureInWords } from './format.js';
import { svg } from './svg.js';

/** @import { Model } from '../data/types.js' */
/** @import { Point, Points } from '../state/heads-points.js' */
/** @import { Selection } from '../state/types.js' */
/** @import { Context, Head } from './types.js' */

const MARGIN = { left: 62, right: 18, top: 14, bottom: 46 };
const RADIUS = 5.5;
/** Names are drawn while they find room; a letter of theirs is about so wide. */
const LETTER = 7;
const MOST_NAMES = 100;

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

  const draw = () => {
    const { clientWidth: width, clientHeight: height } = element;
    if (!shown || width === 0 || height === 0) return;
    const { model, fitting, selection } = shown;
    const equal = selection.show === 'likeness';
    const box = { x: MARGIN.left, y: MARGIN.top, width: Math.max(1, width - MARGIN.left - MARGIN.right), height: Math.max(1, height - MARGIN.top - MARGIN.bottom) };
    const frame = frameOf(placed.points, equal, box.width / box.height);
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
        class: fitting.has(point.head) ? 'point' : 'point out', role: 'option', 'data-head': point.head.id, 'aria-label': nameOf(model, selection, point.head),
        'aria-selected': String(point.head.id === selection.head), tabindex: -1, transform: `translate(${at.x.toFixed(1)} ${at.y.toFixed(1)})`,
      }, svg('circle', { class: 'hit', r: RADIUS + 5 }), svg('circle', { class: 'dot', r: RADIUS, fill: colors.of(point.head) }));
      marks.set(point.head.id, mark);
      return mark;
    });
    drawing.setAttribute('viewBox', `0 0 ${width} ${height}`);
    fill(drawing, ...(equal ? [] : axes(model, selection, frame, box)), ...dots, ...names(ordered.filter(({ head }) => fitting.has(head)), place, selection.head, { x: 0, y: 0, width, height }));
    const way = marks.get(selection.head) ?? marks.get(ordered[ordered.length - 1]?.head.id ?? '');
    way?.setAttribute('tabindex', '0');
  };
  new ResizeObserver(draw).observe(element);

  /** @param {EventTarget | null} target */
  const headAt = (target) => report.head(state.get().model, /** @type {SVGElement | null} */ (target instanceof Element ? target.closest('[data-head]') : null)?.dataset.head ?? '');
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
    /** @param {Model} model @param {readonly Head[]} fitting heads that the filter lets through @param {Selection} selection */
    show(model, fitting, selection) {
      const focused = drawing.contains(document.activeElement);
      shown = { model, fitting: new Set(fitting), selection };
      placed = placeHeads(model, report.heads(model.name), selection);
      draw();
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
      const next = drawing.contains(document.activeElement) ? nextPoint(within, head, step)?.head.id : marks.has(head) ? head : within[0]?.head.id;
      if (next !== undefined) select(next);
      return true;
    },
  };
}

/** @param {Model} model @param {Selection} selection @param {Head} head */
function nameOf(model, { show, x, y }, head) {
  if (show === 'likeness') return head.id;
  return [head.id, ...columnsOf(model).filter(({ name }) => name === x || name === y).map((column) => figureInWords(column, column.value(head)))].join(', ');
}

/** Lines, numbers and titles. @param {Model} model @param {Selection} selection @param {{x: [number, number], y: [number, number]}} frame @param {import('../draw/types.js').Rect} box */
function axes(model, selection, frame, box) {
  const [across, up] = [selection.x, selection.y].map((name) => columnsOf(model).find((column) => column.name === name));
  const right = box.x + box.width;
  const bottom = box.y + box.height;
  const parts = [];
  for (const { text, at } of numbers(frame.x, box.width / 90, across?.unit ?? '')) {
    const x = box.x + box.width * at;
    parts.push(svg('line', { class: 'grid-line', x1: x, x2: x, y1: box.y, y2: bottom }), svg('text', { class: 'tick', x, y: bottom + 17, 'text-anchor': 'middle' }, text));
  }
  for (const { text, at } of numbers(frame.y, box.height / 60, up?.unit ?? '')) {
    const y = bottom - box.height * at;
    parts.push(svg('line', { class: 'grid-line', x1: box.x, x2: right, y1: y, y2: y }), svg('text', { class: 'tick', x: box.x - 8, y: y + 4, 'text-anchor': 'end' }, text));
  }
  /** @param {import('../state/columns.js').Column | undefined} column */
  const title = (column) => (column ? [column.title, isShare(column.unit) || column.unit === '' ? '' : `(${column.unit})`].filter(Boolean).join(' ') : '');
  parts.push(svg('text', { class: 'axis-title', x: right, y: bottom + 37, 'text-anchor': 'end' }, `${title(across)} →`),
    svg('text', { class: 'axis-title', transform: `translate(14 ${box.y}) rotate(-90)`, 'text-anchor': 'end' }, `${title(up)} →`));
  return parts;
}

/** @param {[number, number]} ends @param {number} about @param {string} unit */
function numbers([low, high], about, unit) {
  const factor = isShare(unit) ? 100 : 1;
  const { values, digits } = ticks(low * factor, high * factor, Math.max(2, about));
  return values.map((value) => ({ text: `${value.toFixed(digits).replace(/^-/, '−')}${factor === 100 ? ' %' : ''}`, at: (value / factor - low) / (high - low) }));
}

/** Names beside points, the selected head's first. @param {readonly Point[]} points @param {(point: Point) => {x: number, y: number}} place @param {string} selected @param {import('../draw/types.js').Rect} bounds */
function names(points, place, selected, bounds) {
  const at = points.map((point) => ({ ...place(point), id: point.head.id }));
  const taken = at.map(({ x, y }) => ({ x: x - RADIUS, y: y - RADIUS, width: 2 * RADIUS, height: 2 * RADIUS }));
  const wanted = at.sort((a, b) => Number(b.id === selected) - Number(a.id === selected))
    .map(({ x, y, id }) => ({ text: id, x, y, width: LETTER * id.length, height: 14, gap: RADIUS + 4 }));
  return placeLabels(wanted, bounds, taken).slice(0, MOST_NAMES).map(({ label, x, y }) => svg('text', { class: label.text === selected ? 'point-name selected' : 'point-name', x, y: y + 4 }, label.text));
}
