/**
 * The head's picture: the cloud, and over it the selected document, lines of attention, and labels.
 * @import { Camera, LabelRequest, Panel, Rect } from '../draw/types.js'
 * @import { Selection } from '../state/types.js'
 * @import { Focus, MapData } from './head-data.js'
 * @import { Colors } from './types.js'
 */
import { cameraWindow, toPixels } from '../draw/camera.js';
import { fullScale } from '../draw/cloud.js';
import { cssColor } from '../draw/color.js';
import { placeLabels } from '../draw/labels.js';
import { drawLabels, drawLines, drawMarks } from '../draw/overlay.js';
import { nameToken, roughPercent } from './format.js';
import { kindOf } from './head-data.js';

/** @typedef {{vertex: number, text: string}} Sight a label for a vertex when nothing is selected */
/** @typedef {LabelRequest & {color: string, font: string}} Label */

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
/** Names of points that lie outside stay so far from the edge. */
const EDGE = 12;
const MOST_SIGHTS = 28;
/** Names of one kind in a selected document. */
const MOST_NAMES = 120;
const MOST_LABELS = 60;

/**
 * The panel that fills a rectangle with what the camera sees.
 * @param {MapData} data @param {Camera} camera @param {Rect} rect @param {boolean} faded a selected document stands out @param {boolean} colored by something else than kind
 * @returns {Panel}
 */
export function headPanel({ cloud, map }, camera, rect, faded, colored) {
  const zoom = Math.max(map.frameHi[0] - map.frameLo[0], map.frameHi[1] - map.frameLo[1]) / camera.span;
  const base = Math.min(Math.max(Math.sqrt((rect.width * rect.height) / (cloud.count + 1)) * 0.14, 1.7), 3.6);
  const radius = base * Math.min(Math.max(zoom, 0.7) ** 0.3, 2);
  return { cloud, first: 0, count: cloud.count, rect, window: cameraWindow(camera, rect, map.lo, map.hi), radius, alpha: faded ? 0.16 : colored ? 0.78 : 0.55 };
}

/** Pixels of a vertex. @param {Panel} panel @param {number} vertex */
export function placeOf(panel, vertex) {
  const scale = fullScale(panel.cloud);
  return toPixels(panel, panel.cloud.positions[2 * vertex] / scale, panel.cloud.positions[2 * vertex + 1] / scale);
}

/**
 * @param {CanvasRenderingContext2D} context scaled to CSS pixels, empty
 * @param {Panel} panel
 * @param {Colors} colors
 * @param {Selection} selection
 * @param {Focus | undefined} focus
 * @param {readonly Sight[]} sights
 * @param {number} hovered vertex, or −1
 */
export function drawOverlay(context, panel, colors, selection, focus, sights, hovered) {
  const inks = [cssColor(colors.query), cssColor(colors.key)];
  if (focus) drawFocus(context, panel, colors, selection, focus, inks);
  else drawSights(context, panel, colors, sights);
  if (hovered >= 0) {
    const { x, y } = placeOf(panel, hovered);
    const kind = panel.cloud.kinds[hovered];
    drawMarks(context, [{ x, y, kind, color: inks[kind], radius: panel.radius + 2.5, ring: cssColor(colors.ink) }]);
  }
}

/** @param {CanvasRenderingContext2D} context @param {Panel} panel @param {Colors} colors @param {Selection} selection @param {Focus} focus @param {string[]} inks */
function drawFocus(context, panel, colors, { token, side }, focus, inks) {
  const marks = [0, 1].flatMap((kind) => [...focus.vertices[kind].values()].map((vertex) => (
    { ...placeOf(panel, vertex), kind, color: inks[kind], radius: panel.radius + 0.6 })));
  const own = kindOf(side);
  const other = own === 0 ? 1 : 0;
  const from = token === null ? undefined : focus.vertices[own].get(token);
  /** @type {Label[]} */
  const labels = [];
  if (token !== null && from !== undefined) {
    const start = placeOf(panel, from);
    const ends = focus.partners.flatMap(({ index, weight }) => {
      const vertex = focus.vertices[other].get(index);
      return vertex === undefined ? [] : [{ ...placeOf(panel, vertex), index, weight }];
    });
    const shown = ends.map((end) => ({ ...end, ...clipTo(panel.rect, start, end) }));
    drawLines(context, ends.map(({ x, y, weight }) => ({
      x1: start.x, y1: start.y, x2: x, y2: y, width: 1 + 5 * weight, alpha: 0.35 + 0.5 * weight })), colors.accent);
    drawMarks(context, marks);
    drawMarks(context, ends.map(({ x, y }) => ({ x, y, kind: other, color: inks[other], radius: panel.radius + 2, ring: cssColor(colors.page) })));
    drawMarks(context, [{ ...start, kind: own, color: inks[own], radius: panel.radius + 4, ring: cssColor(colors.ink) }]);
    labels.push(label(context, start, nameIn(focus, own, token), inks[own], `600 14px ${FONT}`, panel.radius + 9));
    for (const { x, y, index, weight } of shown) {
      labels.push(label(context, { x, y }, `${nameIn(focus, other, index)}  ${roughPercent(weight)}`, inks[other], `600 13px ${FONT}`, panel.radius + 7));
    }
  } else {
    drawMarks(context, marks);
  }
  const named = new Set(focus.partners.map(({ index }) => `${other} ${index}`)).add(`${own} ${token}`);
  for (const kind of /** @type {const} */ ([0, 1])) {
    for (const [index, vertex] of [...focus.vertices[kind]].filter(([key]) => !named.has(`${kind} ${key}`)).slice(0, MOST_NAMES)) {
      labels.push(label(context, placeOf(panel, vertex), nameIn(focus, kind, index), cssColor(colors.quiet), `12px ${FONT}`, panel.radius + 5));
    }
  }
  drawLabels(context, placeLabels(labels, panel.rect).slice(0, MOST_LABELS), colors.page);
}

/**
 * Where a line from inside a rectangle leaves it: the names of points outside stand there.
 * @param {Rect} rect @param {{x: number, y: number}} from @param {{x: number, y: number}} to
 */
function clipTo(rect, from, to) {
  let share = 1;
  for (const [start, end, low, high] of [
    [from.x, to.x, rect.x + EDGE, rect.x + rect.width - EDGE], [from.y, to.y, rect.y + EDGE, rect.y + rect.height - EDGE],
  ]) {
    if (end > high && end > start) share = Math.min(share, Math.max(0, (high - start) / (end - start)));
    if (end < low && end < start) share = Math.min(share, Math.max(0, (low - start) / (end - start)));
  }
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

/** @param {CanvasRenderingContext2D} context @param {Panel} panel @param {Colors} colors @param {readonly Sight[]} sights */
function drawSights(context, panel, colors, sights) {
  const labels = sights.map(({ vertex, text }) => label(context, placeOf(panel, vertex), text, cssColor(colors.quiet), `12px ${FONT}`, panel.radius + 5));
  // Wide collision boxes: a few names that can be read say more than many that touch.
  const roomy = labels.map((item) => ({ ...item, height: item.height + 22 }));
  drawLabels(context, placeLabels(roomy, panel.rect).slice(0, MOST_SIGHTS), colors.page);
}

/**
 * @param {CanvasRenderingContext2D} context @param {{x: number, y: number}} at @param {string} text
 * @param {string} color @param {string} font @param {number} gap
 * @returns {Label}
 */
function label(context, at, text, color, font, gap) {
  context.font = font;
  return { text, x: at.x, y: at.y, width: context.measureText(text).width, height: 17, gap, color, font };
}

/** @param {Focus} focus @param {0 | 1} kind @param {number} token */
function nameIn(focus, kind, token) {
  return nameToken(focus.tokens[kind], token);
}
