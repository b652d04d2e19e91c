/**
 * The patches of a map's images, side by side on one canvas, and the mean colour of each.
 * @import { Report } from '../../data/report.js'
 * @import { DocumentImage, Tokens } from '../../data/types.js'
 * @import { Rgb } from '../../draw/types.js'
 * @import { Points } from './values.js'
 */
import { patchEdges } from '../patches.js';
import { sampledTokens } from './values.js';

/** Drawing an image costs more than a point: of more than so many points in sight, a fair sample is drawn. */
export const MOST_PATCHES = 3000;
/** Pixels of the whole sheet, about, and of a patch's side. */
const SHEET_PIXELS = 4e6;
const MOST_SIDE = 40;
const LEAST_SIDE = 8;
/** Images of fewer pixels a side keep their pixels. */
const SMALL = 64;

/**
 * @typedef {object} PatchSheet
 * @property {HTMLCanvasElement} canvas
 * @property {number} side of a patch on it, in its pixels
 * @property {number} across patches in a row
 * @property {Uint8Array} drawn 1 for each point that has a patch
 * @property {(Rgb | null)[]} means mean colour of each point's patch
 */

/**
 * @param {Report} report
 * @param {string} model
 * @param {Points} points
 * @returns {Promise<PatchSheet>}
 */
export async function loadPatches(report, model, points) {
  const count = points.sample.length;
  const side = Math.floor(Math.min(Math.max(Math.sqrt(SHEET_PIXELS / Math.max(1, count)), LEAST_SIDE), MOST_SIDE));
  const across = Math.max(1, Math.ceil(Math.sqrt(count)));
  const canvas = document.createElement('canvas');
  canvas.width = across * side;
  canvas.height = Math.max(1, Math.ceil(count / across)) * side;
  const sheet = { canvas, side, across, drawn: new Uint8Array(count),
    means: /** @type {(Rgb | null)[]} */ (Array(count).fill(null)) };
  const ink = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const pointsOf = pointsByDocument(points);
  for (const [number, tokens] of await sampledTokens(report, model, points)) {
    const image = await report.image(number);
    if (image) await cutImage(image, tokens, pointsOf.get(number) ?? [], sheet, ink);
  }
  return sheet;
}

/** Point and token of each document's points. @param {Points} points @returns {Map<number, [number, number][]>} */
function pointsByDocument({ layout, sample }) {
  /** @type {Map<number, [number, number][]>} */
  const byDocument = new Map();
  sample.forEach((index, point) => {
    const { document: number, token } = layout.locate(index);
    const documentPoints = byDocument.get(number);
    if (documentPoints) documentPoints.push([point, token]);
    else byDocument.set(number, [[point, token]]);
  });
  return byDocument;
}

/**
 * @param {DocumentImage} image @param {Tokens} tokens @param {[number, number][]} points
 * @param {PatchSheet} sheet @param {CanvasRenderingContext2D} ink of the sheet
 */
async function cutImage(image, tokens, points, sheet, ink) {
  const bitmap = await createImageBitmap(image.blob);
  const { width, height } = bitmap;
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const source = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  source.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = source.getImageData(0, 0, width, height);
  ink.imageSmoothingEnabled = Math.max(width, height) >= SMALL;
  for (const [point, token] of points) {
    if (tokens.row[token] < 0) continue;
    const { left, top, right, bottom } = patchEdges(tokens, token);
    const [x, y] = [(point % sheet.across) * sheet.side, Math.floor(point / sheet.across) * sheet.side];
    ink.drawImage(canvas, left * width, top * height, (right - left) * width, (bottom - top) * height, x, y, sheet.side,
      sheet.side);
    sheet.drawn[point] = 1;
    sheet.means[point] = meanColor(data, width, height, left * width, top * height, right * width, bottom * height);
  }
}

/**
 * The mean of the pixels whose middles lie in a rectangle; null where none does.
 * @param {Uint8ClampedArray} data four bytes a pixel
 * @param {number} width @param {number} height of the image
 * @param {number} left @param {number} top @param {number} right @param {number} bottom in pixels
 * @returns {Rgb | null}
 */
export function meanColor(data, width, height, left, top, right, bottom) {
  const sum = [0, 0, 0];
  let count = 0;
  for (let y = Math.max(0, Math.ceil(top - 0.5)); y < Math.min(height, bottom - 0.5); y++) {
    for (let x = Math.max(0, Math.ceil(left - 0.5)); x < Math.min(width, right - 0.5); x++) {
      for (let channel = 0; channel < 3; channel++) sum[channel] += data[4 * (y * width + x) + channel];
      count++;
    }
  }
  return count === 0 ? null : /** @type {[number, number, number]} */ (sum.map((value) => Math.round(value / count)));
}
