/** What a head adds by each pair of a document, as a small picture: queries down, keys across. */
import { el } from '../../parts/element.js';
import { heatOf, largest, levelsOf } from './added-hues.js';

/** @import { AddedByPairs } from '../../data/types.js' */
/** @import { Colors } from '../../parts/types.js' */

const MOST_CELL = 26;

/**
 * @param {AddedByPairs} pairs @param {number} count of tokens
 * @param {object} events
 * @param {(query: number, key: number, at: {x: number, y: number}) => void} events.onPoint
 * @param {() => void} events.onLeave
 * @param {(query: number) => void} events.onPick
 */
export function createAddedMatrix(pairs, count, { onPoint, onLeave, onPick }) {
  const canvas = el('canvas', {
    class: 'matrix-canvas', role: 'img', width: count, height: count,
    'aria-label': 'What each pair of tokens adds to the next token’s logit: queries down, keys across',
  });
  const row = el('span', { class: 'matrix-row', hidden: true });
  const frame = el('div', { class: 'matrix-frame' }, canvas, row);
  frame.style.maxWidth = `min(100%, ${MOST_CELL * count}px)`;
  row.style.height = `${100 / count}%`;
  const rows = Array.from({ length: count - 1 }, (_, query) => pairs(query));
  const most = Math.max(...rows.map(largest));
  /** @type {Colors | undefined} */
  let drawn;
  const cellAt = (/** @type {MouseEvent} */ event) => {
    const box = canvas.getBoundingClientRect();
    const [key, query] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
      .map((part) => Math.min(Math.max(Math.floor(part * count), 0), count - 1));
    return { query, key };
  };
  canvas.addEventListener('pointermove', (event) => {
    const { query, key } = cellAt(event);
    onPoint(query, key, { x: event.clientX, y: event.clientY });
  });
  canvas.addEventListener('pointerleave', onLeave);
  canvas.addEventListener('click', (event) => onPick(cellAt(event).query));
  return {
    element: el('section', { class: 'matrix-section' }, el('h3', {}, 'By pairs'), frame,
      el('p', { class: 'quiet matrix-caption' }, 'Queries down, keys across.')),
    /** @param {Colors} theme @param {number | undefined} query the row that is marked */
    show(theme, query) {
      row.hidden = query === undefined;
      row.style.top = `${100 * (query ?? 0) / count}%`;
      if (drawn === theme) return;
      drawn = theme;
      const ink = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
      const image = ink.createImageData(count, count);
      const { colors } = heatOf(theme);
      rows.forEach((values, at) => levelsOf(values, most).forEach((level, key) => {
        // What the mask forbids adds nothing, and stays as the page is.
        image.data.set([...colors[level], level > 0 ? 255 : 0], 4 * (at * count + key));
      }));
      ink.putImageData(image, 0, 0);
    },
  };
}
