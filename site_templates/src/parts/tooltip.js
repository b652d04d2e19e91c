/** One small card for whatever is pointed at. Elements with `data-tip` explain themselves through it. */
import { el, fill } from './element.js';

/** @import { Child } from './element.js' */

/**
 * @typedef {object} Tooltip
 * @property {HTMLElement} element
 * @property {(at: {x: number, y: number, width?: number, height?: number}, ...children: Child[]) => void} show
 *   near a place of the window, in CSS pixels
 * @property {() => void} hide
 */

const GAP = 10;

/** @returns {Tooltip} */
export function createTooltip() {
  const element = el('div', { class: 'tooltip', role: 'tooltip', hidden: true });
  /** @type {Tooltip} */
  const tooltip = {
    element,
    show(at, ...children) {
      fill(element, ...children);
      element.hidden = false;
      place(element, at);
    },
    hide() {
      element.hidden = true;
    },
  };
  explain(tooltip);
  return tooltip;
}

/** @param {HTMLElement} element @param {{x: number, y: number, width?: number, height?: number}} at */
function place(element, { x, y, width = 0, height = 0 }) {
  const box = element.getBoundingClientRect();
  const page = document.documentElement;
  let left = x + width + GAP;
  if (left + box.width > page.clientWidth - GAP) left = x - box.width - GAP;
  if (left < GAP) {
    left = Math.min(Math.max(GAP, x + width / 2 - box.width / 2), Math.max(GAP, page.clientWidth - box.width - GAP));
  }
  let top = y;
  if (left < x + width + GAP && left + box.width > x) top = y + height + GAP;
  if (top + box.height > page.clientHeight - GAP) top = Math.max(GAP, page.clientHeight - GAP - box.height);
  element.style.left = `${left}px`;
  element.style.top = `${top}px`;
}

/** @param {Tooltip} tooltip */
function explain(tooltip) {
  /** @param {Event} event */
  const open = (event) => {
    const target = event.target instanceof Element ? event.target.closest('[data-tip]') : null;
    if (!(target instanceof HTMLElement || target instanceof SVGElement)) return;
    const { x, y, width, height } = target.getBoundingClientRect();
    tooltip.show({ x, y: y + height + 4, width: Math.min(width, 1), height: 0 }, target.dataset.tip);
  };
  /** @param {Event} event */
  const close = (event) => {
    if (event.target instanceof Element && event.target.closest('[data-tip]')) tooltip.hide();
  };
  document.addEventListener('pointerover', open);
  document.addEventListener('pointerout', close);
  document.addEventListener('focusin', open);
  document.addEventListener('focusout', close);
}
