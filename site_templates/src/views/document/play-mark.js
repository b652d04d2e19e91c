/** The mark that moves over a waveform while its recording is played. */
import { el } from '../../parts/element.js';
import { gridOf } from '../../parts/patches.js';
import { frameAt, frameStarts } from './frame-times.js';

/** @import { Tokens } from '../../data/types.js' */

/** @typedef {{tokens: Tokens, pictures: readonly HTMLElement[]}} Waveform frames, and grids of them on the page */

/** @param {Waveform} waveform */
export function createPlayMark({ tokens, pictures }) {
  const starts = frameStarts(tokens);
  const { rows, columns } = gridOf(tokens);
  const marks = pictures.map((picture) => {
    const mark = el('span', { class: 'play-mark', hidden: true, 'aria-hidden': 'true' });
    picture.append(mark);
    return mark;
  });
  return {
    /** When a frame begins, in seconds; the recording's beginning for what is none. @param {number} token */
    startOf: (token) => starts[token] || 0,
    /** @param {number} seconds @param {boolean} visible */
    place(seconds, visible) {
      const { token, share } = frameAt(starts, seconds);
      for (const mark of marks) {
        mark.hidden = !visible || token < 0;
        Object.assign(mark.style, { left: `${(100 * (tokens.column[token] + share)) / columns}%`,
          top: `${(100 * tokens.row[token]) / rows}%`, height: `${100 / rows}%` });
      }
    },
    remove: () => marks.forEach((mark) => mark.remove()),
  };
}
