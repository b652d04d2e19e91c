/** Light, dark, or as the system has it; the choice is remembered where the browser lets pages remember. */
import { parseColor } from '../draw/color.js';
import { makeHeat } from '../draw/heat.js';

/** @import { Colors, Theme } from '../parts/types.js' */

const STORAGE = 'attnviz.theme';
/** @type {readonly ('auto' | 'light' | 'dark')[]} */
const MODES = ['auto', 'light', 'dark'];

/**
 * @param {'auto' | 'light' | 'dark'} initial the report's own wish
 * @returns {Theme}
 */
export function createTheme(initial) {
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  /** @type {Set<() => void>} */
  const listeners = new Set();
  let mode = remembered() ?? initial;
  /** @type {Colors | undefined} */
  let colors;

  const apply = () => {
    document.documentElement.dataset.theme = mode === 'auto' ? (system.matches ? 'dark' : 'light') : mode;
    colors = undefined;
    for (const listener of listeners) listener();
  };
  system.addEventListener('change', apply);
  apply();

  return {
    mode: () => mode,
    cycle() {
      mode = MODES[(MODES.indexOf(mode) + 1) % MODES.length];
      remember(mode);
      apply();
    },
    colors: () => colors ??= readColors(),
    onPaper(work) {
      const { dataset } = document.documentElement;
      const before = dataset.theme;
      const become = (/** @type {string | undefined} */ next) => {
        dataset.theme = next;
        colors = undefined;
        for (const listener of listeners) listener();
      };
      become('paper');
      try {
        return work();
      } finally {
        become(before);
      }
    },
    subscribe: (listener) => void listeners.add(listener),
  };
}

/** @returns {Colors} */
function readColors() {
  const style = getComputedStyle(document.documentElement);
  /** @param {string} name */
  const read = (name) => parseColor(style.getPropertyValue(`--${name}`));
  const [page, panel, ink, quiet, query, key, accent, caution] =
    ['page', 'panel', 'ink', 'quiet', 'query', 'key', 'accent', 'caution'].map(read);
  return { page, panel, ink, quiet, query, key, accent, caution, heat: makeHeat(page, accent, ink) };
}

function remembered() {
  try {
    return MODES.find((mode) => mode === window.localStorage.getItem(STORAGE));
  } catch {
    return undefined;
  }
}

/** @param {string} mode */
function remember(mode) {
  try {
    window.localStorage.setItem(STORAGE, mode);
  } catch {
    // Storage may be full or forbidden: the choice then lasts as long as the page.
  }
}
