/** The way from a cell of the atlas to the head's own view: the picture grows, so that the eye stays on it. */

/** @import { Rect } from '../../draw/types.js' */

const DURATION_MS = 240;

/**
 * Calls back with a rectangle on its way from one place to another, once a frame.
 * @param {Rect} from
 * @param {Rect} to
 * @param {(rect: Rect) => void} drawAt
 * @returns {Promise<void>}
 */
export function travel(from, to, drawAt) {
  if (window.matchMedia('(prefers-reduced-motion: reduce)').matches) return Promise.resolve();
  const start = performance.now();
  return new Promise((resolve) => {
    const frame = () => {
      const share = Math.min((performance.now() - start) / DURATION_MS, 1);
      const eased = 1 - (1 - share) ** 3;
      drawAt(between(from, to, eased));
      if (share < 1) requestAnimationFrame(frame);
      else resolve();
    };
    frame();
  });
}

/** A rectangle of the window, in an element's own pixels. @param {Element} element @param {Rect} box @returns {Rect} */
export function within(element, { x, y, width, height }) {
  const home = element.getBoundingClientRect();
  return { x: x - home.x, y: y - home.y, width, height };
}

/** @param {Rect} from @param {Rect} to @param {number} share @returns {Rect} */
function between(from, to, share) {
  /** @param {keyof Rect} key */
  const value = (key) => from[key] + (to[key] - from[key]) * share;
  return { x: value('x'), y: value('y'), width: value('width'), height: value('height') };
}
