/** When the frames of a recording begin, by their names. Pure. @import { Tokens } from '../../data/types.js' */

/** Seconds at which each token begins; NaN for what is no frame. @param {Pick<Tokens, 'texts' | 'row'>} tokens */
export function frameStarts({ texts, row }) {
  return Float64Array.from(texts, (text, token) => (
    row[token] >= 0 ? Number(/^([\d.]+) s$/.exec(text)?.[1] ?? NaN) : NaN));
}

/**
 * The frame that is heard at a time, and how much of it has passed; -1 for none.
 * @param {Float64Array} starts in order, NaN for what is no frame
 * @param {number} seconds
 */
export function frameAt(starts, seconds) {
  let token = -1;
  let next = NaN;
  let length = NaN;
  for (let i = 0; i < starts.length; i++) {
    if (Number.isNaN(starts[i])) continue;
    if (starts[i] > seconds) {
      next = starts[i];
      break;
    }
    if (token >= 0) length = starts[i] - starts[token];
    token = i;
  }
  if (token < 0) return { token, share: 0 };
  const share = (seconds - starts[token]) / (Number.isNaN(next) ? length : next - starts[token]);
  return { token, share: share >= 0 ? Math.min(share, 1) : 0 };
}
