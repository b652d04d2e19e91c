/**
 * What stands in the page as marks and texts: grounds, borders, texts where they are, pictures. So a figure has what
 * its reader saw, and a view need not say it twice.
 */
import { liftDrawing } from './lift-drawing.js';
import { liftText } from './lift-text.js';
import { pngOf } from './png.js';
import { REACH } from './svg-figure.js';

/** @import { Rect } from '../../draw/types.js' */
/** @import { Figure, Group, Mark } from './types.js' */

/**
 * @typedef {object} Lifting
 * @property {{x: number, y: number}} origin in the window
 * @property {ReadonlyMap<Element, readonly Mark[]>} drawn marks of an element, from its own corner
 */

/** What is no part of a picture. */
const CONTROLS = 'select, input, .popover, .offscreen, dialog';

/**
 * @param {HTMLElement} element
 * @param {{cut?: boolean, drawn?: ReadonlyMap<Element, readonly Mark[]>}} [how] `cut`: what lies outside the element is
 *   left out, otherwise all that it scrolls over is there; `drawn`: what stands in the place of canvases
 * @returns {Figure}
 */
export function lift(element, { cut = false, drawn = new Map() } = {}) {
  const { scrollTop, scrollLeft } = element;
  document.documentElement.classList.add('lifting');
  if (!cut) element.scrollTo(0, 0);
  try {
    const box = element.getBoundingClientRect();
    const [width, height] = cut ? [box.width, box.height] : [element.scrollWidth, element.scrollHeight];
    const marks = liftElement(element, { origin: box, drawn }, 1, cut ? box : undefined);
    const clip = { x: 0, y: 0, width, height };
    return { width, height, marks: cut ? [{ type: 'group', clip, marks }] : marks };
  } finally {
    document.documentElement.classList.remove('lifting');
    if (!cut) element.scrollTo(scrollLeft, scrollTop);
  }
}

/**
 * @param {Element} element
 * @param {Lifting} lifting
 * @param {number} opacity of what it stands in
 * @param {DOMRect} [bounds] what lies outside is left out
 * @returns {Mark[]}
 */
function liftElement(element, lifting, opacity, bounds) {
  const style = getComputedStyle(element);
  if (style.display === 'none' || style.visibility === 'hidden' || element.matches(CONTROLS)) return [];
  const box = element.getBoundingClientRect();
  const outside = bounds && (box.bottom < bounds.top || box.top > bounds.bottom);
  if (outside && box.height > 0) return [];
  const faint = opacity * Number(style.opacity);
  if (faint === 0) return [];
  const at = { ...place(box, lifting) };
  const drawn = lifting.drawn.get(element);
  if (drawn) return [{ type: 'group', x: at.x, y: at.y, marks: drawn }];
  if (element instanceof SVGElement) return liftDrawing(element, lifting.origin, faint);
  if (element instanceof HTMLCanvasElement || element instanceof HTMLImageElement) {
    return picture(element, at, style, faint);
  }
  const inside = layered(element).flatMap((child) => {
    if (child instanceof Element) return liftElement(child, lifting, faint, bounds);
    return child instanceof Text ? liftText(child, lifting.origin, style, faint) : [];
  });
  return [...grounds(element, style, lifting, faint), ...within(element, style, at, inside)];
}

/** What an element holds, what lies above the rest last. @param {Element} element */
function layered({ childNodes }) {
  const isAbove = (/** @type {Node} */ child) => (
    child instanceof Element && Number(getComputedStyle(child).zIndex) > 0);
  const children = [...childNodes];
  return [...children.filter((child) => !isAbove(child)), ...children.filter(isAbove)];
}

/** What is too large for an element that hides the rest of it is cut off.
 * @param {Element} element @param {CSSStyleDeclaration} style @param {Rect} at @param {Mark[]} marks
 * @returns {(Mark | Group)[]} */
function within(element, { overflowX }, at, marks) {
  const { clientWidth, clientHeight, scrollWidth, scrollHeight } = element;
  const larger = scrollWidth > clientWidth + 1 || scrollHeight > clientHeight + 1;
  if (overflowX !== 'hidden' || clientWidth === 0 || !larger || marks.length === 0) return marks;
  return [{ type: 'group', clip: at, marks }];
}

/** @param {HTMLCanvasElement | HTMLImageElement} element @param {Rect} at @param {CSSStyleDeclaration} style
 * @param {number} opacity @returns {Mark[]} */
function picture(element, at, { filter, imageRendering }, opacity) {
  if (at.width === 0 || at.height === 0 || element.width === 0) return [];
  if (element instanceof HTMLImageElement && !element.complete) return [];
  return [{ type: 'image', ...at, opacity: opacity === 1 ? undefined : opacity,
    href: pngOf(element, { room: at, smooth: imageRendering !== 'pixelated',
      filter: filter === 'none' ? undefined : filter }) }];
}

/**
 * The ground of an element, its border, and a line that a shadow draws around it.
 * @param {Element} element @param {CSSStyleDeclaration} style @param {Lifting} lifting @param {number} opacity
 * @returns {Mark[]}
 */
function grounds(element, style, lifting, opacity) {
  const fill = solid(style.backgroundColor);
  const ramp = rampOf(style.backgroundImage);
  const [, color, width] = /^(rgba?\([^)]*\)) 0px 0px 0px ([\d.]+)px/.exec(style.boxShadow) ?? [];
  const border = borderOf(style);
  if (!fill && !color && style.backgroundImage === 'none' && border.length === 0) return [];
  const radius = parseFloat(style.borderTopLeftRadius) || 0;
  return [...element.getClientRects()].filter((box) => box.width > 0 && box.height > 0).flatMap((box) => {
    const at = { type: /** @type {const} */ ('rect'), ...place(box, lifting), opacity };
    if (isTurned(style)) {
      return [{ type: /** @type {const} */ ('diamond'), x: at.x + at.width / 2, y: at.y + at.height / 2, fill, opacity,
        radius: at.width / 2 / REACH }];
    }
    const round = style.borderTopLeftRadius.endsWith('%') ? (radius / 100) * at.width : radius;
    return [
      fill || ramp ? { ...at, fill, ramp, radius: round } : [],
      barOf(style, at) ?? footOf(style, at) ?? [],
      ...border.length === 1 ? [{ ...inset(at, border[0].width / 2), stroke: border[0].color,
        strokeWidth: border[0].width, radius: round }] : border.map((edge) => side(at, edge)),
      color ? { ...inset(at, (style.boxShadow.includes('inset') ? 0.5 : -0.5) * Number(width)), stroke: color,
        strokeWidth: Number(width), radius: round } : [],
    ].flat();
  });
}

/** Whether it is a square on its corner. @param {CSSStyleDeclaration} style */
function isTurned({ rotate, transform }) {
  return rotate === '45deg' || transform.startsWith('matrix(0.707');
}

/** @typedef {{side: 'Top' | 'Right' | 'Bottom' | 'Left', width: number, color: string}} Edge */

/** The edges that are seen; one alone stands for four of a kind.
 * @param {CSSStyleDeclaration} style @returns {Edge[]} */
function borderOf(style) {
  const edges = /** @type {const} */ (['Top', 'Right', 'Bottom', 'Left']).map((name) => ({
    side: name, width: style[`border${name}Style`] === 'none' ? 0 : parseFloat(style[`border${name}Width`]),
    color: solid(style[`border${name}Color`]) ?? '',
  })).filter(({ width, color }) => width > 0 && color !== '');
  const alike = edges.length === 4 && edges.every(({ width, color }) => (
    width === edges[0].width && color === edges[0].color));
  return alike ? edges.slice(0, 1) : edges.length === 1 ? [...edges, ...edges] : edges;
}

/** @param {Rect} at @param {Edge} edge @returns {Mark} */
function side({ x, y, width, height }, { side: name, width: thick, color }) {
  const across = name === 'Top' || name === 'Bottom';
  return { type: 'rect', fill: color, x: name === 'Right' ? x + width - thick : x,
    y: name === 'Bottom' ? y + height - thick : y, width: across ? width : thick, height: across ? thick : height };
}

/** @template {Rect} T @param {T} rect @param {number} by */
function inset(rect, by) {
  return { ...rect, x: rect.x + by, y: rect.y + by, width: Math.max(0, rect.width - 2 * by),
    height: Math.max(0, rect.height - 2 * by) };
}

/** @param {DOMRect} box @param {Lifting} lifting @returns {Rect} */
function place({ x, y, width, height }, { origin }) {
  return { x: x - origin.x, y: y - origin.y, width, height };
}

/** A colour, unless nothing of it is seen. @param {string} color */
function solid(color) {
  return /^rgba\(.*, 0\)$|^transparent$/.test(color) ? undefined : color;
}

/**
 * A bar at an element's foot, by a gradient that is clear on both sides of it.
 * @param {CSSStyleDeclaration} style @param {Rect} at @returns {Mark | undefined}
 */
function barOf({ backgroundImage, backgroundSize, backgroundPosition }, { x, y, width, height }) {
  const [, fill, from, to] = /^linear-gradient\(90deg, rgba\(0, 0, 0, 0\) .*?(rgb\([^)]*\)) ([\d.]+)%, \1 ([\d.]+)%/
    .exec(backgroundImage) ?? [];
  const [, less, thick] = /^calc\(100% - ([\d.]+)px\) ([\d.]+)px/.exec(backgroundSize) ?? [];
  if (!fill || !less || from === to) return undefined;
  const room = width - Number(less);
  return { type: 'rect', fill, x: x + parseFloat(backgroundPosition) + (room * Number(from)) / 100,
    y: y + height - Number(thick) - 1, width: (room * (Number(to) - Number(from))) / 100, height: Number(thick) };
}

/**
 * A line of one colour at an element's foot.
 * @param {CSSStyleDeclaration} style @param {Rect} at @returns {Mark | undefined}
 */
function footOf({ backgroundImage, backgroundSize }, { x, y, width, height }) {
  const [, fill] = /^linear-gradient\((rgba?\([^)]*\)), \1\)$/.exec(backgroundImage) ?? [];
  const [, thick] = /^100% ([\d.]+)px$/.exec(backgroundSize) ?? [];
  if (!fill || !thick) return undefined;
  return { type: 'rect', fill, x, y: y + height - Number(thick), width, height: Number(thick) };
}

/** The colours of a scale from left to right. @param {string} background */
function rampOf(background) {
  if (!background.startsWith('linear-gradient(90deg') || background.includes(', 0)')) return undefined;
  return background.match(/rgb\([^)]*\)/g) ?? undefined;
}
