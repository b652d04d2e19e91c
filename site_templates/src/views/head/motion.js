/** The way of points from one map to another: a share that grows from 0 to 1, once. */

/** @import { Cloud, Start, View } from '../../draw/types.js' */

const DURATION_MS = 600;

/** Slow, quick, slow. @param {number} t 0 to 1 */
function ease(t) {
  return t < 0.5 ? 4 * t ** 3 : 1 - (2 - 2 * t) ** 3 / 2;
}

/** Whether readers want things to move, and can see it. */
export function mayMove() {
  return !document.hidden && !window.matchMedia('(prefers-reduced-motion: reduce)').matches;
}

/**
 * @param {() => void} onFrame draws
 * @param {(cloud: Cloud) => void} onEnd with the cloud that the points came from, when it is needed no more
 */
export function createMotion(onFrame, onEnd) {
  /** @type {{cloud: Cloud, view: View, begun: number, resolve: () => void} | undefined} */
  let current;
  /** @type {Promise<void>} */
  let done = Promise.resolve();
  const stop = () => {
    const ended = current;
    current = undefined;
    if (!ended) return;
    onEnd(ended.cloud);
    ended.resolve();
  };
  const elapsed = () => (current ? Math.min((performance.now() - current.begun) / DURATION_MS, 1) : 1);
  const frame = (/** @type {unknown} */ motion) => {
    if (current !== motion) return;
    if (elapsed() >= 1) stop();
    else requestAnimationFrame(() => frame(motion));
    onFrame();
  };

  return {
    /** Sets out from a frozen picture; what moved before stands still. @param {{cloud: Cloud, view: View}} from */
    start({ cloud, view }) {
      stop();
      done = new Promise((resolve) => {
        current = { cloud, view, begun: performance.now(), resolve };
      });
      const motion = current;
      requestAnimationFrame(() => frame(motion));
    },
    stop,
    /** Where the points are now, for a panel; undefined where they are at home. @returns {Start | undefined} */
    now: () => current && { cloud: current.cloud, view: current.view, share: ease(elapsed()) },
    /** Resolves when nothing moves. */
    done: () => done,
  };
}
