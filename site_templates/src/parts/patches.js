/** The patches of an image over it: one button per patch, shaded like tokens of a text. */
import { el } from './element.js';
import { nameToken } from './names.js';

/** @import { Crop, DocumentImage, Tokens } from '../data/types.js' */
/** @typedef {Pick<Tokens, 'row' | 'column' | 'crop'>} Grid */

/** Images of fewer pixels a side show their pixels when they are enlarged. */
const SMALL = 64;
/** @type {Crop} */
const ALL = { left: 0, top: 0, right: 1, bottom: 1 };

/**
 * @param {Tokens} tokens
 * @param {number[]} patches which of them
 * @param {DocumentImage | undefined} image
 * @param {(HTMLElement | undefined)[]} spans written into
 */
export function makePatchGrid(tokens, patches, image, spans) {
  const { rows, columns } = gridOf(tokens);
  const grid = el('div', { class: 'patches' });
  grid.style.gridTemplate = `repeat(${rows}, minmax(0, 1fr)) / repeat(${columns}, minmax(0, 1fr))`;
  for (const token of patches) {
    grid.append(spans[token] = makePatch(tokens, token, tokens.row[token], tokens.column[token]));
  }
  return layPicture(tokens, image, grid);
}

/**
 * An image with something over the part of it that the patches cover.
 * @param {Tokens} tokens
 * @param {DocumentImage | undefined} image
 * @param {HTMLElement} over
 */
export function layPicture(tokens, image, over) {
  const { rows, columns } = gridOf(tokens);
  const crop = tokens.crop ?? ALL;
  // Room for the image and the grid: the model may have cut off edges or put some around.
  const room = {
    left: Math.min(0, crop.left), top: Math.min(0, crop.top), right: Math.max(1, crop.right),
    bottom: Math.max(1, crop.bottom),
  };
  const aspect = image
    ? (image.width * (room.right - room.left)) / (image.height * (room.bottom - room.top)) : columns / rows;
  const element = el('div', { class: 'picture' }, image && place(imageElement(image), ALL, room),
    place(over, image ? crop : room, room));
  element.style.setProperty('--aspect', String(aspect));
  return element;
}

/**
 * One patch of a grid.
 * @param {Tokens} tokens
 * @param {number} token
 * @param {number} row of the grid, from 0
 * @param {number} column
 */
export function makePatch(tokens, token, row, column) {
  const span = el('span', {
    class: 'token patch', role: 'button', tabIndex: -1, 'data-token': token,
    'aria-label': nameToken(tokens, token).replace(/\br(\d+) c(\d+)$/, 'row $1, column $2'),
  });
  span.style.gridArea = `${row + 1} / ${column + 1}`;
  return span;
}

/**
 * What a patch shows, small, for lists; nothing for what is no patch.
 * @param {DocumentImage | undefined} image
 * @param {Tokens} tokens
 * @param {number} token
 */
export function patchSwatch(image, tokens, token) {
  if (!image || tokens.row[token] < 0) return null;
  const swatch = el('span', { class: isSmall(image) ? 'swatch pixels' : 'swatch', 'aria-hidden': 'true' });
  const { left, top, right, bottom } = patchEdges(tokens, token);
  const [width, height] = [right - left, bottom - top];
  swatch.style.backgroundImage = `url(${image.url})`;
  swatch.style.backgroundSize = `${100 / width}% ${100 / height}%`;
  // Where in what is left over the background begins: a patch as large as the image leaves nothing.
  swatch.style.backgroundPosition =
    `${width < 1 ? (100 * left) / (1 - width) : 0}% ${height < 1 ? (100 * top) / (1 - height) : 0}%`;
  return swatch;
}

/**
 * The image, small, and where in it a patch is.
 * @param {DocumentImage} image
 * @param {Tokens} tokens
 * @param {number} token −1: nowhere
 */
export function imageWithPatch(image, tokens, token) {
  const element = el('div', { class: 'thumbnail' }, imageElement(image));
  element.style.setProperty('--aspect', String(image.width / image.height));
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

/** A patch's edges as shares of the image. @param {Grid} tokens @param {number} token @returns {Crop} */
export function patchEdges(tokens, token) {
  const { rows, columns } = gridOf(tokens);
  const { left, top, right, bottom } = tokens.crop ?? ALL;
  const across = (/** @type {number} */ column) => left + ((right - left) * column) / columns;
  const down = (/** @type {number} */ row) => top + ((bottom - top) * row) / rows;
  const [row, column] = [tokens.row[token], tokens.column[token]];
  return { left: across(column), top: down(row), right: across(column + 1), bottom: down(row + 1) };
}

/** @param {DocumentImage} image */
function imageElement(image) {
  return el('img', { src: image.url, alt: '', class: isSmall(image) ? 'pixels' : null, draggable: false });
}

/** @param {DocumentImage} image */
function isSmall({ width, height }) {
  return Math.max(width, height) < SMALL;
}

/** @param {Pick<Tokens, 'row' | 'column'>} tokens */
export function gridOf({ row, column }) {
  const count = (/** @type {Int16Array} */ places) => places.reduce((most, at) => Math.max(most, at), 0) + 1;
  return { rows: count(row), columns: count(column) };
}
