/**
 * The one drawing surface: WebGL or a canvas, whichever draws faster here, and the last scene again
 * whenever the surface is lost, resized or moved. Views move its element into their own.
 * @import { Cloud, Renderer, Scene } from './types.js'
 */
import { faster } from './contest.js';
import { createSplat } from './splat.js';
import { createWebgl } from './webgl.js';

/** More device pixels than this are drawn coarser: memory, not sharpness, is what runs out. */
const MOST_PIXELS = 14e6;

/** A lost context that has not come back after this time is replaced by the canvas. */
const PATIENCE_MS = 3000;

/** Which renderer is faster is found out after this time at the latest, in milliseconds. */
const IDLE_MS = 2000;

/**
 * @typedef {object} Stage
 * @property {HTMLElement} element
 * @property {() => Renderer['kind']} kind
 * @property {(width: number, height: number) => void} resize in CSS pixels
 * @property {(scene: Scene) => void} draw
 * @property {(cloud: Cloud) => void} release
 */

/**
 * @param {'' | 'webgl' | 'canvas'} prefer '' chooses the one that draws faster here
 * @returns {Stage}
 */
export function createStage(prefer) {
  const element = document.createElement('div');
  element.className = 'stage';
  let size = { width: 1, height: 1 };
  /** @type {Scene} */
  let scene = { panels: [], palette: new Uint8Array(768) };
  let waiting = 0;

  const fallBack = () => {
    renderer.canvas.remove();
    use(createSplat());
  };
  // Browsers take a context away when they have too many: it usually comes back.
  const events = {
    onLost: () => {
      waiting = window.setTimeout(fallBack, PATIENCE_MS);
    },
    onRestored: () => {
      window.clearTimeout(waiting);
      if (renderer.kind === 'webgl') renderer.draw(scene);
    },
  };
  /** @type {Renderer} */
  let renderer = (prefer === 'webgl' && createWebgl(events)) || createSplat();

  /** @param {Renderer} next */
  const use = (next) => {
    renderer = next;
    renderer.canvas.setAttribute('aria-hidden', 'true');
    renderer.canvas.dataset.renderer = renderer.kind;
    element.append(renderer.canvas);
    fit();
    renderer.draw(scene);
  };
  const fit = () => {
    const { width, height } = size;
    const ratio = Math.min(window.devicePixelRatio || 1, Math.sqrt(MOST_PIXELS / Math.max(1, width * height)));
    renderer.resize(width, height, ratio);
    renderer.canvas.style.width = `${width}px`;
    renderer.canvas.style.height = `${height}px`;
  };
  use(renderer);
  // The canvas is there at once. A context takes a quarter of a second where it is software: two tasks, when idle.
  if (prefer === '') {
    whenIdle(() => {
      const webgl = createWebgl(events);
      if (webgl) whenIdle(() => compete(webgl));
    });
  }
  /** @param {Renderer} webgl */
  function compete(webgl) {
    if (faster(webgl, createSplat()) !== webgl) return;
    renderer.canvas.remove();
    renderer.destroy();
    use(webgl);
  }

  return {
    element,
    kind: () => renderer.kind,
    resize(width, height) {
      size = { width, height };
      fit();
    },
    draw(next) {
      scene = next;
      renderer.draw(scene);
    },
    release: (cloud) => renderer.release(cloud),
  };
}

/** Calls back when nothing else is to be done, in any case soon. @param {() => void} work */
function whenIdle(work) {
  if ('requestIdleCallback' in window) window.requestIdleCallback(work, { timeout: IDLE_MS });
  else setTimeout(work, IDLE_MS);
}
