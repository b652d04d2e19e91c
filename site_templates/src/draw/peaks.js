/**
 * A document's attention as a matrix of pixels: where there are more tokens than pixels, a pixel shows the largest
 * value, by its size, that it covers among the rows that were read, so that peaks survive.
 * @import { Heat } from './heat.js'
 */
import { heatLevel } from './heat.js';

/** Above this many queries, one row per pixel is read instead of all of them. */
export const ALL_ROWS = 1024;

/**
 * The queries whose rows a matrix of `pixels` rows needs.
 * @param {number} queries
 * @param {number} pixels
 * @returns {{rows: number[], sampled: boolean}}
 */
export function rowsToTake(queries, pixels) {
  const sampled = queries > Math.max(pixels, ALL_ROWS);
  const rows = sampled
    ? Array.from({ length: pixels }, (_, i) => Math.floor(((i + 0.5) * queries) / pixels))
    : Array.from({ length: queries }, (_, i) => i);
  return { rows, sampled };
}

/**
 * Raises the pixels that a row covers to its values.
 * @param {Float32Array} peaks width × height, in [−1, 1]
 * @param {number} width
 * @param {number} height
 * @param {number} query
 * @param {number} queries
 * @param {ArrayLike<number>} row one value per key
 */
export function pool(peaks, width, height, query, queries, row) {
  const top = Math.floor((query * height) / queries);
  const bottom = Math.max(top + 1, Math.floor(((query + 1) * height) / queries));
  for (let key = 0; key < row.length; key++) {
    const size = Math.abs(row[key]);
    if (!(size > 0)) continue;
    const left = Math.floor((key * width) / row.length);
    const right = Math.max(left + 1, Math.floor(((key + 1) * width) / row.length));
    for (let y = top; y < bottom && y < height; y++) {
      for (let x = left; x < right && x < width; x++) {
        if (size > Math.abs(peaks[y * width + x])) peaks[y * width + x] = row[key];
      }
    }
  }
}

/**
 * Colours the peaks on the ladder of the token shading.
 * @param {Float32Array} peaks
 * @param {number} largest what gets the strongest shade
 * @param {Uint8ClampedArray} data four bytes per pixel
 * @param {Heat} heat
 * @param {Heat} [below] the ladder of what is below 0
 */
export function paintPeaks(peaks, largest, data, heat, below = heat) {
  for (let i = 0; i < peaks.length; i++) {
    const [r, g, b] = (peaks[i] < 0 ? below : heat).colors[heatLevel(Math.abs(peaks[i]), largest)];
    data[4 * i] = r;
    data[4 * i + 1] = g;
    data[4 * i + 2] = b;
    data[4 * i + 3] = 255;
  }
}
