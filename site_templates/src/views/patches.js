/** An image's patches over its picture: one button a patch, shaded like tokens of a text. */
import { el } from './element.js';
import { nameToken } from './format.js';

/** @import { Picture, Tokens } from '../data/types.js' */

/** Pictures of fewer pixels a side show their pixels when they are enlarged. */
const SMALL = 64;

/**
 * @param {Tokens} tokens
 * @param {number} first
 * @param {number} until
 * @param {Picture | undefined} picture
 * @param {HTMLElement[]} spans written into
 */
export function makePatchGrid(tokens, first, until, picture, spans) {
  const { rows, columns } = gridOf(tokens);
  const element = el('div', { class: 'picture' }, picture && image(picture));
  element.style.setProperty('--aspect', String(picture ? picture.width / picture.height : columns / rows));
  const grid = el('div', { class: 'patches' });
  grid.style.gridTemplate = `repeat(${rows}, minmax(0, 1fr)) / repeat(${columns}, minmax(0, 1fr))`;
  for (let token = first; token < until; token++) {
    const span = el('span', {
      class: 'token patch', role: 'button', tabIndex: -1, 'data-token': token,
      'aria-label': `row ${tokens.row[token] + 1}, column ${tokens.column[token] + 1}`,
    });
    span.style.gridArea = `${tokens.row[token] + 1} / ${tokens.column[token] + 1}`;
    spans[token] = span;
    grid.append(span);
  }
  element.append(grid);
  return element;
}

/** What a patch shows, small, for lists; nothing for what is no patch. @param {Picture | undefined} picture @param {Tokens} tokens @param {number} token */
export function patchSwatch(picture, tokens, token) {
  if (!picture || tokens.row[token] < 0) return null;
  const { rows, columns } = gridOf(tokens);
  const swatch = el('span', { class: isSmall(picture) ? 'swatch pixels' : 'swatch', 'aria-hidden': 'true' });
  swatch.style.backgroundImage = `url(${picture.url})`;
  swatch.style.backgroundSize = `${100 * columns}% ${100 * rows}%`;
  const place = (/** @type {number} */ at, /** @type {number} */ count) => `${count > 1 ? (100 * at) / (count - 1) : 0}%`;
  swatch.style.backgroundPosition = `${place(tokens.column[token], columns)} ${place(tokens.row[token], rows)}`;
  return swatch;
}

/** The picture, small, and where in it a patch is. @param {Picture} picture @param {Tokens} tokens @param {number} token −1: nowhere */
export function pictureWithPatch(picture, tokens, token) {
  const element = el('div', { class: 'thumbnail' }, image(picture));
  element.style.setProperty('--aspect', String(picture.width / picture.height));
  if (token < 0 || !(tokens.row[token] >= 0)) return element;
  const { rows, columns } = gridOf(tokens);
  const frame = el('span', { class: 'thumbnail-patch' });
  Object.assign(frame.style, {
    left: `${(100 * tokens.column[token]) / columns}%`, top: `${(100 * tokens.row[token]) / rows}%`,
    width: `${100 / columns}%`, height: `${100 / rows}%`,
  });
  element.append(frame);
  return element;
}

/** The picture in words, and the patch. @param {Tokens} tokens @param {number} token */
export function patchInWords(tokens, token) {
  return tokens.row[token] >= 0 ? `Patch ${nameToken(tokens, token)}` : nameToken(tokens, token);
}

/** @param {Picture} picture */
function image(picture) {
  return el('img', { src: picture.url, alt: '', class: isSmall(picture) ? 'pixels' : null, draggable: false });
}

/** @param {Picture} picture */
function isSmall({ width, height }) {
  return Math.max(width, height) < SMALL;
}

/** @param {Pick<Tokens, 'row' | 'column'>} tokens */
function gridOf({ row, column }) {
  const count = (/** @type {Int16Array} */ places) => places.reduce((most, at) => Math.max(most, at), 0) + 1;
  return { rows: count(row), columns: count(column) };
}
