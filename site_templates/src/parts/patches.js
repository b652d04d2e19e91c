/** An image's patches over its picture: one button a patch, shaded like tokens of a text. */
import { el } from './element.js';
import { nameToken } from './names.js';

/** @import { Crop, Picture, Tokens } from '../data/types.js' */
/** @typedef {Pick<Tokens, 'row' | 'column' | 'crop'>} Grid */

/** Pictures of fewer pixels a side show their pixels when they are enlarged. */
const SMALL = 64;
/** @type {Crop} */
const ALL = { left: 0, top: 0, right: 1, bottom: 1 };

/**
 * @param {Tokens} tokens
 * @param {number[]} patches which of them
 * @param {Picture | undefined} picture
 * @param {HTMLElement[]} spans written into
 */
export function makePatchGrid(tokens, patches, picture, spans) {
  const { rows, columns } = gridOf(tokens);
  const crop = tokens.crop ?? ALL;
  // Room for the picture and the grid: the model may have cut off edges or put some around.
  const room = {
    left: Math.min(0, crop.left), top: Math.min(0, crop.top), right: Math.max(1, crop.right),
    bottom: Math.max(1, crop.bottom),
  };
  const aspect = picture
    ? (picture.width * (room.right - room.left)) / (picture.height * (room.bottom - room.top)) : columns / rows;
  const element = el('div', { class: 'picture' }, picture && place(image(picture), ALL, room));
  element.style.setProperty('--aspect', String(aspect));
  const grid = place(el('div', { class: 'patches' }), picture ? crop : room, room);
  grid.style.gridTemplate = `repeat(${rows}, minmax(0, 1fr)) / repeat(${columns}, minmax(0, 1fr))`;
  for (const token of patches) {
    const span = el('span', {
      class: 'token patch', role: 'button', tabIndex: -1, 'data-token': token,
      'aria-label': nameToken(tokens, token).replace(/\br(\d+) c(\d+)$/, 'row $1, column $2'),
    });
    span.style.gridArea = `${tokens.row[token] + 1} / ${tokens.column[token] + 1}`;
    spans[token] = span;
    grid.append(span);
  }
  element.append(grid);
  return element;
}

/**
 * What a patch shows, small, for lists; nothing for what is no patch.
 * @param {Picture | undefined} picture
 * @param {Tokens} tokens
 * @param {number} token
 */
export function patchSwatch(picture, tokens, token) {
  if (!picture || tokens.row[token] < 0) return null;
  const swatch = el('span', { class: isSmall(picture) ? 'swatch pixels' : 'swatch', 'aria-hidden': 'true' });
  const { left, top, right, bottom } = patchEdges(tokens, token);
  const [width, height] = [right - left, bottom - top];
  swatch.style.backgroundImage = `url(${picture.url})`;
  swatch.style.backgroundSize = `${100 / width}% ${100 / height}%`;
  // Where in what is left over the background begins: a patch as large as the picture leaves nothing.
  swatch.style.backgroundPosition =
    `${width < 1 ? (100 * left) / (1 - width) : 0}% ${height < 1 ? (100 * top) / (1 - height) : 0}%`;
  return swatch;
}

/**
 * The picture, small, and where in it a patch is.
 * @param {Picture} picture
 * @param {Tokens} tokens
 * @param {number} token −1: nowhere
 */
export function pictureWithPatch(picture, tokens, token) {
  const element = el('div', { class: 'thumbnail' }, image(picture));
  element.style.setProperty('--aspect', String(picture.width / picture.height));
  if (token >= 0 && tokens.row[token] >= 0) {
    element.append(place(el('span', { class: 'thumbnail-patch' }), patchEdges(tokens, token), ALL));
  }
  return element;
}

/**
 * Lays an element over part of the room.
 * @template {HTMLElement} T
 * @param {T} element
 * @param {Crop} part
 * @param {Crop} room
 * @returns {T}
 */
function place(element, part, room) {
  const [width, height] = [room.right - room.left, room.bottom - room.top];
  Object.assign(element.style, {
    left: `${(100 * (part.left - room.left)) / width}%`, top: `${(100 * (part.top - room.top)) / height}%`,
    width: `${(100 * (part.right - part.left)) / width}%`, height: `${(100 * (part.bottom - part.top)) / height}%`,
  });
  return element;
}

/** A patch's edges as shares of the picture. @param {Grid} tokens @param {number} token @returns {Crop} */
export function patchEdges(tokens, token) {
  const { rows, columns } = gridOf(tokens);
  const { left, top, right, bottom } = tokens.crop ?? ALL;
  const across = (/** @type {number} */ column) => left + ((right - left) * column) / columns;
  const down = (/** @type {number} */ row) => top + ((bottom - top) * row) / rows;
  const [row, column] = [tokens.row[token], tokens.column[token]];
  return { left: across(column), top: down(row), right: across(column + 1), bottom: down(row + 1) };
}

/** @param {Picture} picture */
function image(picture) {
  return el('img', { src: picture.url, alt: '', class: isSmall(picture) ? 'pixels' : null, draggable: false });
}

/** @param {Picture} picture */
function isSmall({ width, height }) {
  return Math.max(width, height) < SMALL;
}

/** @param {Grid} tokens */
function gridOf({ row, column }) {
  const count = (/** @type {Int16Array} */ places) => places.reduce((most, at) => Math.max(most, at), 0) + 1;
  return { rows: count(row), columns: count(column) };
}
