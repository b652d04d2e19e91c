/**
 * The head's picture: the cloud, and over it the selected document, lines of attention, and labels.
 * @import { Eye } from '../../draw/eye.js'
 * @import { LabelRequest, Panel, Rect, Rgb, Start } from '../../draw/types.js'
 * @import { Place } from '../../draw/project.js'
 * @import { Selection } from '../../state/types.js'
 * @import { Focus, MapData } from './data.js'
 * @import { Colors } from '../../parts/types.js'
 */
import { cssColor } from '../../draw/color.js';
import { placeLabels } from '../../draw/labels.js';
import { drawLabels, drawLines, drawMarks } from '../../draw/overlay.js';
import { FAR_SIZE, makePlacer } from '../../draw/project.js';
import { nameToken, roughPercent } from '../../parts/numbers.js';
import { kindOf } from './data.js';

/** @typedef {{vertex: number, text: string}} Sight a label for a vertex when nothing is selected */
/**
 * @typedef {{side: number, has: (vertex: number) => boolean}} Patched points that are drawn as patches, of so many
 *   pixels next to the eye
 */
/** @typedef {LabelRequest & {color: string, font: string}} Label */

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
/** Names of points that lie outside stay so far from the edge. */
const EDGE = 12;
const MOST_SIGHTS = 28;
/** Names of one kind in a selected document. */
const MOST_NAMES = 120;
const MOST_LABELS = 60;
/** Points of solid maps shrink with their distance: the near ones are larger to make up for it. */
const SOLID_RADIUS = 1.3;

/**
 * The panel that fills a rectangle with what the eye sees.
 * @param {MapData} data @param {Eye} eye @param {Rect} rect
 * @param {{faded: boolean, colored: boolean, from?: Start, rim?: Rgb}} how `faded`: a selected document stands out; `colored`: by something else than kind
 * @returns {Panel}
 */
export function headPanel({ cloud }, eye, rect, { faded, colored, from, rim }) {
  const base = Math.min(Math.max(Math.sqrt((rect.width * rect.height) / (cloud.count + 1)) * 0.14, 1.7), 3.6);
  const radius = base * Math.min(Math.max(eye.enlarged(), 0.7) ** 0.3, 2) * (eye.solid ? SOLID_RADIUS : 1);
  return { cloud, first: 0, count: cloud.count, rect, view: eye.view(rect), from, radius,
    alpha: faded ? 0.16 : rim ? 1 : colored ? 0.78 : 0.55, rim };
}

/**
 * @param {CanvasRenderingContext2D} context scaled to CSS pixels, empty
 * @param {Panel} panel
 * @param {Colors} colors
 * @param {Uint8Array} palette of the cloud
 * @param {Selection} selection
 * @param {Focus | undefined} focus
 * @param {readonly Sight[]} sights
 * @param {number} hovered vertex, or −1
 * @param {Patched} [patches] where patches are the marks: what is picked out is framed, not covered
 */
export function drawOverlay(context, panel, colors, palette, selection, focus, sights, hovered, patches) {
  const placer = makePlacer(panel);
  const place = (/** @type {number} */ vertex) => placer(vertex);
  const { paint } = panel.cloud;
  const inkOf = (/** @type {number} */ vertex) =>
    cssColor([palette[3 * paint[vertex]], palette[3 * paint[vertex] + 1], palette[3 * paint[vertex] + 2]]);
  if (focus) drawFocus(context, panel, place, inkOf, colors, selection, focus, patches);
  else if (!panel.from) drawSights(context, panel, place, colors, sights);
  if (hovered >= 0) {
    const { x, y, near } = place(hovered);
    const kind = panel.cloud.kinds[hovered];
    drawMarks(context,
      [patches?.has(hovered)
        ? { x, y, kind: 2, color: '', radius: sized(patches.side, near) / 2 + 2.5, ring: cssColor(colors.ink) }
      : { x, y, kind, color: inkOf(hovered), radius: sized(panel.radius, near) + 2.5, ring: cssColor(colors.ink) }]);
  }
}

/** A radius at a distance. @param {number} radius @param {number} near */
function sized(radius, near) {
  return radius * (FAR_SIZE + (1 - FAR_SIZE) * Math.max(0, near));
}

/**
 * @param {CanvasRenderingContext2D} context @param {Panel} panel @param {(vertex: number) => Place} place @param {(vertex: number) => string} inkOf
 * @param {Colors} colors @param {Selection} selection @param {Focus} focus @param {Patched} [patches]
 */
function drawFocus(context, panel, place, inkOf, colors, { token, side }, focus, patches) {
  const inks = [cssColor(colors.query), cssColor(colors.key)];
  const beside = patches ? patches.side / 2 : panel.radius;
  const marks = [0, 1].flatMap((kind) =>
    [...focus.vertices[kind].values()].filter((vertex) => !patches?.has(vertex)).map((vertex) => {
    const { x, y, near } = place(vertex);
    return { x, y, near, kind, color: inkOf(vertex), radius: sized(panel.radius, near) + 0.6 };
  })).filter(({ near }) => near >= 0).sort((a, b) => a.near - b.near);
  const own = kindOf(side);
  const other = own === 0 ? 1 : 0;
  const from = token === null ? undefined : focus.vertices[own].get(token);
  /** @type {Label[]} */
  const labels = [];
  if (token !== null && from !== undefined) {
    const start = place(from);
    const ends = focus.partners.flatMap(({ index, weight }) => {
      const vertex = focus.vertices[other].get(index);
      return vertex === undefined ? [] : [{ ...place(vertex), index, weight, color: inkOf(vertex) }];
    });
    const shown = ends.map((end) => ({ ...end, ...clipTo(panel.rect, start, end) }));
    drawLines(context, ends.map(({ x, y, weight }) => ({
      x1: start.x, y1: start.y, x2: x, y2: y, width: 1 + 5 * weight, alpha: 0.35 + 0.5 * weight })), colors.accent);
    drawMarks(context, marks);
    if (patches) {
      drawMarks(context,
        ends.map(({ x, y, near }) =>
          ({ x, y, kind: 2, color: '', radius: sized(patches.side, near) / 2 + 3, ring: cssColor(colors.accent) })));
      drawMarks(context,
        [{ ...start, kind: 2, color: '', radius: sized(patches.side, start.near) / 2 + 3,
          ring: cssColor(colors.ink) }]);
    } else {
      drawMarks(context,
        ends.map(({ x, y, near, color }) =>
          ({ x, y, kind: other, color, radius: sized(panel.radius, near) + 2, ring: cssColor(colors.page) })));
      drawMarks(context,
        [{ ...start, kind: own, color: inkOf(from), radius: sized(panel.radius, start.near) + 4,
          ring: cssColor(colors.ink) }]);
    }
    labels.push(label(context, start, nameIn(focus, own, token), inks[own], `600 14px ${FONT}`, beside + 9));
    for (const { x, y, index, weight } of shown) {
      labels.push(label(context, { x, y }, `${nameIn(focus, other, index)}  ${roughPercent(weight)}`, inks[other],
        `600 13px ${FONT}`, beside + 7));
    }
  } else {
    drawMarks(context, marks);
  }
  // Names that jump from side to side would distract from what moves.
  if (!panel.from) {
    labels.push(...otherNames(context, beside + 5, place, colors, focus,
      new Set(focus.partners.map(({ index }) => `${other} ${index}`)).add(`${own} ${token}`)));
  }
  drawLabels(context, placeLabels(labels, panel.rect, [], MOST_LABELS), colors.page);
}

/**
 * The document's tokens besides those that are named already.
 * @param {CanvasRenderingContext2D} context @param {number} gap @param {(vertex: number) => Place} place
 * @param {Colors} colors @param {Focus} focus @param {Set<string>} named
 */
function otherNames(context, gap, place, colors, focus, named) {
  return /** @type {const} */ ([0, 1]).flatMap((kind) => (
    [...focus.vertices[kind]].filter(([index]) => !named.has(`${kind} ${index}`)).slice(0,
      MOST_NAMES).map(([index, vertex]) => (
      label(context, place(vertex), nameIn(focus, kind, index), cssColor(colors.quiet), `12px ${FONT}`, gap)))));
}

/**
 * Where a line from inside a rectangle leaves it: the names of points outside stand there.
 * @param {Rect} rect @param {{x: number, y: number}} from @param {{x: number, y: number}} to
 */
function clipTo(rect, from, to) {
  let share = 1;
  for (const [start, end, low, high] of [
    [from.x, to.x, rect.x + EDGE, rect.x + rect.width - EDGE],
    [from.y, to.y, rect.y + EDGE, rect.y + rect.height - EDGE],
  ]) {
    if (end > high && end > start) share = Math.min(share, Math.max(0, (high - start) / (end - start)));
    if (end < low && end < start) share = Math.min(share, Math.max(0, (low - start) / (end - start)));
  }
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Panel} panel
 * @param {(vertex: number) => Place} place
 * @param {Colors} colors
 * @param {readonly Sight[]} sights
 */
function drawSights(context, panel, place, colors, sights) {
  const labels = sights.flatMap(({ vertex, text }) => {
    const at = place(vertex);
    // Far points of a solid map stay without a name: those in front are read.
    return at.near < 0.35 ? [] : [label(context, at, text, cssColor(colors.quiet), `12px ${FONT}`, panel.radius + 5)];
  });
  // Wide collision boxes: a few names that can be read say more than many that touch.
  const roomy = labels.map((item) => ({ ...item, height: item.height + 22 }));
  drawLabels(context, placeLabels(roomy, panel.rect, [], MOST_SIGHTS), colors.page);
}

/** Widths of texts, which canvases are slow to tell. @type {Map<string, number>} */
const widths = new Map();
const MOST_WIDTHS = 5000;

/**
 * @param {CanvasRenderingContext2D} context @param {{x: number, y: number}} at @param {string} text
 * @param {string} color @param {string} font @param {number} gap
 * @returns {Label}
 */
function label(context, at, text, color, font, gap) {
  const key = `${font} ${text}`;
  let width = widths.get(key);
  if (width === undefined) {
    if (widths.size > MOST_WIDTHS) widths.clear();
    context.font = font;
    widths.set(key, width = context.measureText(text).width);
  }
  return { text, x: at.x, y: at.y, width, height: 17, gap, color, font };
}

/** @param {Focus} focus @param {0 | 1} kind @param {number} token */
function nameIn(focus, kind, token) {
  return nameToken(focus.tokens[kind], token);
}
