/** A figure as an SVG element: real texts, no script, nothing from outside. */
import { svg } from '../svg.js';

/** @import { Figure, Mark, Paint, Text } from './types.js' */

/** What other programs have, too, before the family of last resort. */
const SANS = 'Helvetica Neue, Helvetica, Arial, Liberation Sans, Noto Sans, DejaVu Sans, sans-serif';
const MONO = 'Menlo, Consolas, Liberation Mono, DejaVu Sans Mono, monospace';
const HALO = 3.5;
/** A diamond is as large to the eye as a dot. */
export const REACH = 1.3;

/** Characters that no XML document may have, and halves of pairs. */
const FORBIDDEN = /(?![\t\n\r])\p{Cc}|[\ufffe\uffff]|\p{Surrogate}/gu;

/** Numbers of definitions: unique in the page, where a figure may stand for print. */
let definitions = 0;

/**
 * @param {Figure} figure
 * @param {string} page colour of the ground
 * @param {string} [description] for programs that read it aloud
 */
export function figureElement({ width, height, marks }, page, description = '') {
  const root = svg('svg', { width: round(width), height: round(height),
    viewBox: `0 0 ${round(width)} ${round(height)}`, 'font-family': SANS, role: 'img' });
  if (description) root.append(svg('title', {}, clean(description)));
  root.append(svg('rect', { width: '100%', height: '100%', fill: page }), ...marks.flatMap(draw));
  return root;
}

/** The figure as a file. @param {SVGSVGElement} element */
export function svgText(element) {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(element)}\n`;
}

/** @param {Mark} mark @returns {SVGElement[]} */
function draw(mark) {
  switch (mark.type) {
    case 'rect': return rect(mark);
    case 'path': return [svg('path', { d: mark.d, ...paint(mark), 'stroke-linecap': mark.round ? 'round' : null,
      'stroke-linejoin': mark.round ? 'round' : null, 'stroke-dasharray': mark.dash ?? null })];
    case 'dot': return [svg('circle', { cx: round(mark.x), cy: round(mark.y), r: round(mark.radius), ...paint(mark) })];
    case 'diamond': return [svg('path', { d: diamond(mark), ...paint(mark) })];
    case 'text': return text(mark);
    case 'image': return [svg('image', { ...place(mark), href: mark.href, preserveAspectRatio: 'none',
      opacity: mark.opacity ?? null })];
    case 'group': return group(mark);
  }
}

/** @param {Extract<Mark, {type: 'rect'}>} mark */
function rect({ ramp, radius, ...mark }) {
  const attributes = { ...place(mark), rx: radius ? round(radius) : null, ...paint(mark) };
  if (!ramp) return [svg('rect', attributes)];
  const id = `ramp${++definitions}`;
  return [
    svg('linearGradient', { id }, ...ramp.map((color, i) => (
      svg('stop', { offset: round(i / (ramp.length - 1)), 'stop-color': color })))),
    svg('rect', { ...attributes, fill: `url(#${id})` }),
  ];
}

/** @param {Extract<Mark, {type: 'group'}>} mark */
function group({ x = 0, y = 0, clip, marks }) {
  const moved = x || y ? `translate(${round(x)} ${round(y)})` : null;
  const inside = marks.flatMap(draw);
  if (!clip) return [svg('g', { transform: moved }, ...inside)];
  const id = `clip${++definitions}`;
  return [svg('g', { transform: moved }, svg('clipPath', { id }, svg('rect', place(clip))),
    svg('g', { 'clip-path': `url(#${id})` }, ...inside))];
}

/** A halo is a text of its own below the text, for programs that know no order of painting. @param {Text} mark */
function text({ text: words, x, y, anchor, size, weight, mono, fill, opacity, angle, halo }) {
  const attributes = {
    ...(angle ? { transform: `translate(${round(x)} ${round(y)}) rotate(${round(angle)})` }
      : { x: round(x), y: round(y) }),
    'text-anchor': anchor === 'start' ? null : anchor, 'font-size': round(size),
    'font-weight': weight === 400 ? null : weight, 'font-family': mono ? MONO : null, 'xml:space': 'preserve',
    opacity: opacity ?? null,
  };
  const over = svg('text', { ...attributes, fill }, clean(words));
  if (!halo) return [over];
  const below = svg('text', { ...attributes, fill: halo, stroke: halo, 'stroke-width': HALO,
    'stroke-linejoin': 'round', 'aria-hidden': 'true' }, clean(words));
  return [below, over];
}

/** @param {Paint} mark */
function paint({ fill, stroke, strokeWidth, opacity }) {
  return { fill: fill ?? 'none', stroke: stroke ?? null, 'stroke-width': strokeWidth ? round(strokeWidth) : null,
    opacity: opacity === undefined || opacity === 1 ? null : round(opacity) };
}

/** @param {{x: number, y: number, width: number, height: number}} rect */
function place({ x, y, width, height }) {
  return { x: round(x), y: round(y), width: round(width), height: round(height) };
}

/** @param {{x: number, y: number, radius: number}} mark */
function diamond({ x, y, radius }) {
  const r = round(radius * REACH);
  return `M${round(x)} ${round(y - radius * REACH)}l${r} ${r}l${-r} ${r}l${-r} ${-r}z`;
}

/** @param {string} words */
function clean(words) {
  return words.replace(FORBIDDEN, '\ufffd');
}

/** Hundredths of a pixel. @param {number} value */
function round(value) {
  return Math.round(value * 100) / 100;
}
