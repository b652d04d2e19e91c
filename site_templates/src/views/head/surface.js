/** The two layers of a head's picture, cloud and overlay, kept as large as their host. */
import { el } from '../../parts/element.js';

/** @import { Panel } from '../../draw/types.js' */
/** @import { Context } from '../../parts/types.js' */

/**
 * @param {Context} context
 * @param {HTMLElement} host
 * @param {() => void} onResize
 */
export function createSurface({ stage }, host, onResize) {
  const overlay = el('canvas', { class: 'overlay', 'aria-hidden': 'true' });
  host.prepend(overlay);
  let size = { width: 1, height: 1 };
  const onStage = () => stage.element.parentElement === host;

  function measure() {
    size = { width: Math.max(1, host.clientWidth), height: Math.max(1, host.clientHeight) };
    const ratio = window.devicePixelRatio || 1;
    overlay.width = Math.round(size.width * ratio);
    overlay.height = Math.round(size.height * ratio);
    if (onStage()) stage.resize(size.width, size.height);
  }
  new ResizeObserver(() => {
    if (host.clientWidth === 0) return;
    measure();
    onResize();
  }).observe(host);

  return {
    onStage,
    /** The whole picture, in its own pixels. */
    rect: () => ({ x: 0, y: 0, ...size }),
    /** Takes the stage from whichever view has it. */
    take() {
      host.prepend(stage.element);
      measure();
    },
    /** @param {readonly Panel[]} panels @param {Uint8Array} palette */
    draw(panels, palette) {
      stage.draw({ panels, palette });
    },
    /** Clears the overlay and draws on it in CSS pixels. @param {(ink: CanvasRenderingContext2D) => void} paint */
    drawOver(paint) {
      const ink = /** @type {CanvasRenderingContext2D} */ (overlay.getContext('2d'));
      const ratio = window.devicePixelRatio || 1;
      ink.setTransform(ratio, 0, 0, ratio, 0, 0);
      ink.clearRect(0, 0, size.width, size.height);
      paint(ink);
    },
  };
}
