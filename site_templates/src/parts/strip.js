/** A video's frames side by side: each with its patches over it, and what it has of the attention. */
import { el, fill } from './element.js';
import { framesOf, sharesOfFrames } from './frames.js';
import { percent } from './numbers.js';
import { makePatch } from './patches.js';

/** @import { DocumentImage, Tokens } from '../data/types.js' */
/** @import { Frames } from './frames.js' */

/** @typedef {ReturnType<typeof makeStrip>} Strip */
const SAYS = {
  row: { how: /** @type {const} */ ('sum'), words: 'of the attention goes to this frame' },
  column: { how: /** @type {const} */ ('mean'), words: 'is what a patch of this frame gives, on average' },
};

/**
 * @param {Tokens} tokens
 * @param {readonly number[]} patches which of them
 * @param {DocumentImage} image
 * @param {(HTMLElement | undefined)[]} spans written into
 */
export function makeStrip(tokens, patches, image, spans) {
  const sheet = /** @type {{down: number, across: number}} */ (image.frames);
  const frames = framesOf(tokens, sheet);
  const parts = Array.from({ length: frames.count }, (_, number) => makeFrame(number, frames, image, tokens));
  for (const token of patches) {
    const { grid } = parts[frames.frame[token]];
    const [row, column] = [frames.row[token], frames.column[token] % frames.columns];
    grid.append(spans[token] = makePatch(tokens, token, row, column));
  }
  void paintFrames(image, sheet, parts.map(({ canvas }) => canvas));
  return {
    element: el('div', { class: 'strip', role: 'group', 'aria-label': 'Frames in order' },
      ...parts.map(({ element }) => element)),
    frames,
    /** @param {'row' | 'column'} name @param {ArrayLike<number> | undefined} values undefined: nothing is said */
    show(name, values) {
      const shares = values && sharesOfFrames(frames, values, SAYS[name].how);
      const most = shares?.reduce((largest, share) => Math.max(largest, share || 0), 0) ?? 0;
      parts.forEach(({ says }, number) => {
        const share = shares?.[number] ?? NaN;
        says[name].element.hidden = Number.isNaN(share);
        says[name].element.dataset.share = String(share);
        fill(says[name].number, percent(share));
        says[name].bar.style.width = `${most > 0 ? (100 * share) / most : 0}%`;
      });
    },
    /** Enlarges a frame. @param {number | null} chosen */
    choose(chosen) {
      parts.forEach(({ element, button }, number) => {
        element.classList.toggle('chosen', number === chosen);
        button.setAttribute('aria-pressed', String(number === chosen));
      });
    },
  };
}

/** @param {number} number @param {Frames} frames @param {DocumentImage} image @param {Tokens} tokens */
function makeFrame(number, { rows, columns, frame }, { width, height, frames }, tokens) {
  const { down, across } = /** @type {{down: number, across: number}} */ (frames);
  const canvas = el('canvas', { width: Math.max(1, Math.round(width / across)),
    height: Math.max(1, Math.round(height / down)), 'aria-hidden': 'true' });
  const grid = el('div', { class: 'patches' });
  grid.style.gridTemplate = `repeat(${rows}, minmax(0, 1fr)) / repeat(${columns}, minmax(0, 1fr))`;
  const picture = el('div', { class: 'picture' }, canvas, grid);
  picture.style.setProperty('--aspect', String((width * down) / (height * across)));
  const name = tokens.texts[frame.indexOf(number)]?.replace(/ r\d+ c\d+$/, '') ?? `frame ${number + 1}`;
  const says = { row: makeShare('row'), column: makeShare('column') };
  const button = el('button', { type: 'button', class: 'frame-name', 'data-frame': number, 'aria-pressed': 'false',
    'data-tip': 'Enlarges this frame, or makes it small again.' },
    el('span', { class: 'frame-title' }, name), says.row.element, says.column.element);
  return { element: el('div', { class: 'frame' }, picture, button), button, canvas, grid, says };
}

/** @param {'row' | 'column'} name */
function makeShare(name) {
  const bar = el('span', { class: 'frame-bar', 'aria-hidden': 'true' });
  const number = el('span', {});
  const element = el('span', { class: `frame-share ${name}`, hidden: true },
    number, el('span', { class: 'offscreen' }, ` ${SAYS[name].words}`), bar);
  return { element, number, bar };
}

/** @param {DocumentImage} image @param {{down: number, across: number}} sheet
 * @param {readonly HTMLCanvasElement[]} canvases */
async function paintFrames({ blob }, { down, across }, canvases) {
  const bitmap = await createImageBitmap(blob).catch(() => undefined);
  if (!bitmap) return;
  const [width, height] = [bitmap.width / across, bitmap.height / down];
  canvases.forEach((canvas, number) => canvas.getContext('2d')?.drawImage(bitmap, (number % across) * width,
    Math.floor(number / across) * height, width, height, 0, 0, canvas.width, canvas.height));
  bitmap.close();
}
