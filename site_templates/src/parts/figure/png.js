/** Pictures as PNG: parts of a figure, and the whole of it. */

/** @import { Rect } from '../../draw/types.js' */

/** Pixels of a picture in a figure, for each CSS pixel, and of a whole figure as PNG. */
export const RATIO = 2;
/** More pixels than this take more memory than a browser may have. */
const MOST_PIXELS = 40e6;

/**
 * A picture, or a part of it, as the data: address of a PNG. What is not to be smoothed is enlarged: not every program
 * that shows SVG leaves sharp what it enlarges itself.
 * @param {CanvasImageSource} source
 * @param {{part?: Rect, room: {width: number, height: number}, smooth?: boolean, filter?: string}} how `room`: where it
 *   goes, in CSS pixels
 */
export function pngOf(source, { part, room, smooth = true, filter }) {
  const { width, height } = sizeOf(source);
  const from = part ?? { x: 0, y: 0, width, height };
  const times = smooth ? 1 : Math.max(1, Math.ceil((RATIO * room.width) / from.width));
  const most = smooth ? Math.min(1, (RATIO * room.width) / from.width) : times;
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(from.width * most));
  canvas.height = Math.max(1, Math.round(from.height * most));
  const ink = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  ink.imageSmoothingEnabled = smooth;
  if (filter) ink.filter = filter;
  ink.drawImage(source, from.x, from.y, from.width, from.height, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/png');
}

/** @param {CanvasImageSource} source */
function sizeOf(source) {
  if (source instanceof HTMLImageElement) return { width: source.naturalWidth, height: source.naturalHeight };
  return /** @type {HTMLCanvasElement} */ (source);
}

/** The pixels of a figure's PNG. @param {{width: number, height: number}} figure */
export function pngSize({ width, height }) {
  const ratio = Math.min(RATIO, Math.sqrt(MOST_PIXELS / (width * height)));
  return { width: Math.round(width * ratio), height: Math.round(height * ratio) };
}

/**
 * A figure's SVG, drawn by the browser.
 * @param {string} text of the SVG
 * @param {{width: number, height: number}} figure
 * @returns {Promise<Blob>}
 */
export async function toPng(text, figure) {
  // A data: address, unlike a blob's, is never foreign to the page, not even to one opened from a folder.
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  Object.assign(canvas, pngSize(figure));
  const ink = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  ink.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The browser made no PNG.'))), 'image/png');
  });
}
