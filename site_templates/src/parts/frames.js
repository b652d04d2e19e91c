/** Where the patches of a video lie in its frames, which its picture shows as a sheet. Pure. */

/** @import { DocumentImage, Tokens } from '../data/types.js' */

/**
 * @typedef {object} Frames
 * @property {number} count
 * @property {number} rows of a frame's patches
 * @property {number} columns
 * @property {Int16Array} frame of each token, from 0; -1 for what is no patch
 * @property {Int16Array} row of each token within its frame; -1 for what is no patch
 * @property {Int16Array} column the same, on a strip of all frames side by side
 */

/**
 * @param {Pick<Tokens, 'row' | 'column'>} tokens
 * @param {NonNullable<DocumentImage['frames']>} sheet
 * @returns {Frames}
 */
export function framesOf(tokens, { down, across }) {
  const most = (/** @type {Int16Array} */ places) => places.reduce((last, at) => Math.max(last, at), 0) + 1;
  const [rows, columns] = [Math.round(most(tokens.row) / down), Math.round(most(tokens.column) / across)];
  const frame = tokens.row.map((row, token) => (
    row < 0 ? -1 : Math.floor(row / rows) * across + Math.floor(tokens.column[token] / columns)));
  return {
    count: most(frame), rows, columns, frame,
    row: tokens.row.map((row) => (row < 0 ? -1 : row % rows)),
    column: tokens.column.map((column, token) => (
      frame[token] < 0 ? -1 : frame[token] * columns + (column % columns))),
  };
}

/**
 * What each frame has of a direction's shares.
 * @param {Frames} frames
 * @param {ArrayLike<number>} values a share for each token; NaN for those that are left out
 * @param {'sum' | 'mean'} how sums of what is looked at; means of what each of its patches gives
 * @returns {Float64Array}
 */
export function sharesOfFrames({ count, frame }, values, how) {
  const [sums, counts] = [new Float64Array(count), new Float64Array(count)];
  frame.forEach((at, token) => {
    if (at < 0 || Number.isNaN(values[token])) return;
    sums[at] += values[token];
    counts[at]++;
  });
  return how === 'sum' ? sums : sums.map((sum, at) => sum / counts[at]);
}
