/**
 * The one drawing surface: WebGL where it is fast, a canvas otherwise, and the last scene again
 * whenever the surface is lost, resized or moved. Views move its element into their own.
 * @import { Cloud, Renderer, Scene } from './types.js'
 */
import { createSplat } from './splat.js';
import { createWebgl, softwareOnly } from './webgl.js';

/** More device pixels than this are drawn coarser: memory, not sharpness, is what runs out. */
const MOST_PIXELS = 14e6;

/** A lost context that has not come back after this time is replaced by the canvas. */
const PATIENCE_MS = 3000;

/**
 * @typedef {object} Stage
 * @property {HTMLElement} element
 * @property {() => Renderer['kind']} kind
 * @property {(width: number, height: number) => void} resize in CSS pixels
 * @property {(scene: Scene) => void} draw
 * @property {(cloud: Cloud) => void} release
 */

/**
 * @param {'' | 'webgl' | 'canvas'} prefer '' chooses by what the machine has
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
  let renderer = choose(prefer, events);

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

/**
 * @param {'' | 'webgl' | 'canvas'} prefer
 * @param {{onLost: () => void, onRestored: () => void}} events
 * @returns {Renderer}
 */
function choose(prefer, events) {
  if (prefer === 'canvas' || (prefer === '' && softwareOnly())) return createSplat();
  return createWebgl(events) ?? createSplat();
}
