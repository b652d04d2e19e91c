/**
 * Elements, made in one line. Text is only ever set as text: nothing from a corpus or a model becomes markup.
 */
import { focusLike, focusWithin } from './focus.js';

/** @typedef {string | Node | null | undefined | false} Child */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, unknown>} [props] `class`; `on…` listeners; properties of the element; else attributes
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) set(element, name, value);
  element.append(...children.filter(isPresent));
  return element;
}

/** @param {Element} element @param {string} name @param {unknown} value */
function set(element, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (typeof value === 'function') element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
  else if (name === 'class') element.setAttribute('class', String(value));
  else if (isProperty(element, name)) Object.assign(element, { [name]: value });
  else element.setAttribute(name, value === true ? '' : String(value));
}

/** @param {Child} child @returns {child is string | Node} */
function isPresent(child) {
  return typeof child === 'string' || child instanceof Node;
}

/**
 * Roles and the like are attributes, though some browsers have properties of the same name.
 * @param {Element} element
 * @param {string} name
 */
function isProperty(element, name) {
  return name in element && !name.startsWith('aria') && !['role', 'list'].includes(name);
}

/**
 * Replaces what an element holds. Where the focus was in it, it goes to the like of what had it.
 * @param {Element} element @param {...Child} children
 */
export function fill(element, ...children) {
  const place = focusWithin(element);
  element.replaceChildren(...children.filter(isPresent));
  if (place) focusLike(element, place);
}

const SVG = 'http://www.w3.org/2000/svg';

/** Line drawings on a 16 × 16 grid; what follows a bar is filled. */
const ICONS = {
  link: 'M6.5 9.5l3-3M7 4.5l1.3-1.3a3 3 0 0 1 4.3 4.3L11.2 8.8M9 11.5l-1.3 1.3a3 3 0 0 1-4.3-4.3L4.8 7.2',
  export: 'M8 10V2.5M4.8 5.5L8 2.3l3.2 3.2M3 9.5v4h10v-4',
  help: 'M6 6.2a2 2 0 1 1 2.9 1.8c-.6.3-.9.7-.9 1.4M8 11.8v.1M8 14.5a6.5 6.5 0 1 1 0-13a6.5 6.5 0 0 1 0 13z',
  auto: 'M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 0 0 0-13z|M8 1.5v13a6.5 6.5 0 0 0 0-13z',
  light: 'M8 5a3 3 0 1 0 0 6a3 3 0 0 0 0-6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15'
    + 'M3 3l1.1 1.1M11.9 11.9L13 13M3 13l1.1-1.1M11.9 4.1L13 3',
  dark: 'M13.5 9.8A6 6 0 0 1 6.2 2.5a6 6 0 1 0 7.3 7.3z',
  up: 'M8 12.5v-9M4 7.5l4-4l4 4',
  down: 'M8 3.5v9M4 8.5l4 4l4-4',
  left: 'M12.5 8h-9M7.5 4l-4 4l4 4',
  right: 'M3.5 8h9M8.5 4l4 4l-4 4',
  close: 'M4 4l8 8M12 4l-8 8',
  play: 'M5 3l8 5l-8 5z',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  plus: 'M8 3.5v9M3.5 8h9',
  minus: 'M3.5 8h9',
  text: 'M3 4h10M3 7h10M3 10h10M3 13h6',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 0 0 0-9zM10.4 10.4l3.6 3.6',
  box: 'M2.5 5V2.5H5M7 2.5h2M11 2.5h2.5V5M13.5 7v2M13.5 11v2.5H11M9 13.5H7M5 13.5H2.5V11M2.5 9V7',
  lasso: 'M8 2.5c3.3 0 5.7 1.6 5.7 3.9S11.3 10.3 8 10.3S2.3 8.7 2.3 6.4S4.7 2.5 8 2.5z'
    + 'M4.5 9.6c-1 .9-.6 2.1.5 2.1c1.3 0 1.4 1.1.5 1.9',
  sight: 'M2.5 5.5v-3h3M10.5 2.5h3v3M13.5 10.5v3h-3M5.5 13.5h-3v-3|M6 7.3a.9.9 0 1 1 1.8 0a.9.9 0 0 1-1.8 0z'
    + 'M8.5 9.3a.9.9 0 1 1 1.8 0a.9.9 0 0 1-1.8 0z',
  near: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 0 0 0-11z|M6.3 8a1.7 1.7 0 1 1 3.4 0a1.7 1.7 0 0 1-3.4 0z',
  reset: 'M3 6V3h3M13 6V3h-3M3 10v3h3M13 10v3h-3',
};

/** @param {keyof typeof ICONS} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', `icon icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  ICONS[name].split('|').forEach((line, at) => {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', line);
    if (at > 0) path.setAttribute('class', 'filled');
    svg.append(path);
  });
  return svg;
}

/**
 * A choice among few: a labelled select that looks like a chip.
 * @param {string} label
 * @param {readonly {value: string, text: string}[]} options
 * @param {string} value
 * @param {(value: string) => void} onChange
 */
export function choice(label, options, value, onChange) {
  const select = el('select', { 'aria-label': label, onchange: () => onChange(select.value) },
    ...options.map((option) => el('option', { value: option.value, selected: option.value === value }, option.text)));
  return el('label', { class: 'chip' }, el('span', { class: 'chip-label' }, label), select);
}

/** Whether an element takes arrow keys and letters itself. @param {Element} element */
export function takesKeys(element) {
  return element.matches('select, textarea, input:not([type=checkbox])');
}
