/** A document's attention as a small picture, filled in between frames so that pointing stays quick. */
import { paintPeaks, pool, rowsToTake } from '../../draw/matrix.js';
import { el, fill } from '../../parts/element.js';
import { createHeatLegend } from './heat-legend.js';

/** @import { Attention } from '../../data/types.js' */
/** @import { Context } from '../../parts/types.js' */

/** Lines of the picture at most, in CSS pixels. */
const SIDE = 400;
const MOST_CELL = 26;
/** Work in one go. */
const SLICE_MS = 8;

/**
 * @param {Context} context
 * @param {{onPoint: (query: number, key: number, at: {x: number, y: number}) => void, onLeave: () => void, onPick: (query: number) => void}} events
 */
export function createMatrix({ theme }, { onPoint, onLeave, onPick }) {
  const canvas =
    el('canvas', { class: 'matrix-canvas', role: 'img', 'aria-label': 'Attention matrix: queries down, keys across' });
  const row = el('span', { class: 'matrix-row', hidden: true });
  const column = el('span', { class: 'matrix-column', hidden: true });
  const legend = createHeatLegend();
  const caption = el('p', { class: 'quiet matrix-caption' });
  const frame = el('div', { class: 'matrix-frame' }, canvas, row, column);
  const element =
    el('section', { class: 'matrix-section', hidden: true }, el('h3', {}, 'Matrix', legend.element), frame, caption);
  /** @type {Attention | undefined} */
  let shown;
  /** @type {Float32Array} */
  let peaks = new Float32Array(0);
  let job = 0;

  const paint = () => {
    if (peaks.length === 0) return;
    const ink = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    const image = ink.createImageData(canvas.width, canvas.height);
    const largest = peaks.reduce((most, value) => Math.max(most, value), 0);
    paintPeaks(peaks, largest, image.data, theme.colors().heat);
    legend.show(largest, theme.colors().heat);
    ink.putImageData(image, 0, 0);
  };
  /** @param {Attention} attention @param {readonly number[]} rows @param {number} from @param {number} mine */
  const work = (attention, rows, from, mine) => {
    if (job !== mine) return;
    const until = performance.now() + SLICE_MS;
    let at = from;
    while (at < rows.length && performance.now() < until) {
      // Where rows are sampled, each stands for its own line of pixels.
      const sampled = rows.length < attention.queries;
      pool(peaks, canvas.width, canvas.height, sampled ? at : rows[at], sampled ? rows.length : attention.queries,
        attention.row(rows[at]));
      at++;
    }
    if (at < rows.length) setTimeout(() => work(attention, rows, at, mine));
    paint();
  };
  /** @param {PointerEvent | MouseEvent} event */
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    if (!shown || box.width === 0) return undefined;
    const key = Math.floor(((event.clientX - box.left) / box.width) * shown.keys);
    const query = Math.floor(((event.clientY - box.top) / box.height) * shown.queries);
    return query >= 0 && key >= 0 && query < shown.queries && key < shown.keys ? { query, key } : undefined;
  };
  canvas.addEventListener('pointermove', (event) => {
    const at = place(event);
    if (at) onPoint(at.query, at.key, { x: event.clientX, y: event.clientY });
  });
  canvas.addEventListener('pointerleave', onLeave);
  canvas.addEventListener('click', (event) => {
    const at = place(event);
    if (at) onPick(at.query);
  });

  return {
    element,
    /** @param {Attention | undefined} attention */
    show(attention) {
      if (attention === shown) return;
      shown = attention;
      job++;
      element.hidden = !attention;
      if (!attention) return;
      const pixels = SIDE * Math.min(window.devicePixelRatio || 1, 2);
      canvas.width = Math.max(1, Math.min(attention.keys, Math.round(pixels)));
      canvas.height = Math.max(1, Math.min(attention.queries, Math.round(pixels)));
      // A handful of tokens makes no large squares; two axes of different lengths make an oblong.
      const shape = Math.min(Math.max(attention.keys / attention.queries, 0.5), 2);
      frame.style.aspectRatio = String(shape);
      frame.style.width = `calc(var(--matrix) * ${Math.min(shape, 1)})`;
      frame.style.maxWidth = `${MOST_CELL * Math.max(attention.keys, attention.queries) * Math.min(shape, 1)}px`;
      peaks = new Float32Array(canvas.width * canvas.height);
      const { rows, sampled } = rowsToTake(attention.queries, canvas.height);
      fill(caption, 'Queries down, keys across. ',
        sampled ? `One query in ${Math.round(attention.queries / rows.length)} is drawn.`
        : attention.keys > canvas.width ? 'A pixel shows the strongest weight it covers.' : '');
      work(attention, rows, 0, job);
    },
    repaint: paint,
    /** Marks a query's row and a key's column. @param {number | null} query @param {number | null} key */
    mark(query, key) {
      row.hidden = query === null || !shown;
      column.hidden = key === null || !shown;
      if (!shown) return;
      if (query !== null) {
        row.style.top = `${(100 * query) / shown.queries}%`;
        row.style.height = `${100 / shown.queries}%`;
      }
      if (key !== null) {
        column.style.left = `${(100 * key) / shown.keys}%`;
        column.style.width = `${100 / shown.keys}%`;
      }
    },
  };
}
