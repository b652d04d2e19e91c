/** The buttons that zoom a map. */
import { el, icon } from '../../parts/element.js';

const STEP = 1.5;

/** @param {(factor: number) => void} onZoom @param {() => void} onReset */
export function createZooms(onZoom, onReset) {
  return el('div', { class: 'zooms', role: 'group', 'aria-label': 'Zoom' },
    button('plus', 'Zoom in', '+', () => onZoom(STEP)),
    button('minus', 'Zoom out', '−', () => onZoom(1 / STEP)),
    button('reset', 'Back to the first look', '0', onReset));
}

/**
 * @param {'plus' | 'minus' | 'reset'} name
 * @param {string} label
 * @param {string} key that does the same
 * @param {() => void} onclick
 */
function button(name, label, key, onclick) {
  return el('button', { type: 'button', title: `${label} (${key})`, 'aria-label': label, onclick }, icon(name));
}
