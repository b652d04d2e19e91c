/**
 * The selected document on a head's map: its points, the lines of attention of its selected token, and their names.
 * @import { Mark } from '../../draw/overlay.js'
 * @import { Rect } from '../../draw/types.js'
 * @import { Place } from '../../draw/project.js'
 * @import { Selection } from '../../state/types.js'
 * @import { Focus } from './data.js'
 * @import { Label } from './map-labels.js'
 * @import { Picture } from './picture.js'
 */
import { cssColor } from '../../draw/color.js';
import { placeLabels } from '../../draw/labels.js';
import { drawLabels, drawLines, drawMarks } from '../../draw/overlay.js';
import { nameToken } from '../../parts/names.js';
import { roughPercent } from '../../parts/numbers.js';
import { kindOf } from './data.js';
import { FONTS, makeLabel } from './map-labels.js';
import { atDistance, patchRing } from './picture.js';

/** @typedef {Place & {index: number, weight: number, color: string}} End where a line of attention ends */

/** Names of points that lie outside stay so far from the edge. */
const EDGE = 12;
/** Names of one kind in a selected document. */
const MOST_NAMES = 120;
const MOST_LABELS = 60;

/** @param {Picture} picture @param {Selection} selection @param {Focus} focus */
export function drawFocus(picture, { token, side }, focus) {
  const { ink, panel, place, colors } = picture;
  const kind = kindOf(side);
  const other = kind === 0 ? 1 : 0;
  const vertex = token === null ? undefined : focus.vertices[kind].get(token);
  /** @type {Label[]} */
  const labels = [];
  if (token === null || vertex === undefined) drawMarks(ink, documentMarks(picture, focus));
  else {
    const ends = endsOf(picture, focus, other);
    const start = place(vertex);
    drawAttention(picture, focus, { kind, vertex, start, ends });
    labels.push(...attentionLabels(picture, focus, { kind, token, start, ends }));
  }
  // Names that jump from side to side would distract from what moves.
  if (!panel.from) {
    const named = new Set(focus.partners.map(({ index }) => `${other} ${index}`)).add(`${kind} ${token}`);
    labels.push(...otherLabels(picture, focus, named));
  }
  drawLabels(ink, placeLabels(labels, panel.rect, [], MOST_LABELS), colors.page);
}

/**
 * The partners of the selected token that have a point.
 * @param {Picture} picture
 * @param {Focus} focus
 * @param {0 | 1} kind
 */
function endsOf({ place, inkOf }, { partners, vertices }, kind) {
  return partners.flatMap(({ index, weight }) => {
    const vertex = vertices[kind].get(index);
    return vertex === undefined ? [] : [{ ...place(vertex), index, weight, color: inkOf(vertex) }];
  });
}

/**
 * The document's points, from far to near; those that are drawn as patches have no other mark.
 * @param {Picture} picture
 * @param {Focus} focus
 */
function documentMarks({ panel, place, inkOf, patches }, { vertices }) {
  const marks = [0, 1].flatMap((kind) => [...vertices[kind].values()]
    .filter((vertex) => !patches?.has(vertex))
    .map((vertex) => {
      const { x, y, near } = place(vertex);
      return { x, y, near, kind, color: inkOf(vertex), radius: atDistance(panel.radius, near) + 0.6 };
    }));
  return marks.filter(({ near }) => near >= 0).sort((a, b) => a.near - b.near);
}

/**
 * Lines from the selected token to its partners, and the marks at both ends.
 * @param {Picture} picture
 * @param {Focus} focus
 * @param {{kind: 0 | 1, vertex: number, start: Place, ends: readonly End[]}} selected
 */
function drawAttention(picture, focus, { kind, vertex, start, ends }) {
  const { ink, panel, inkOf, colors, patches } = picture;
  drawLines(ink, ends.map(({ x, y, weight }) => ({
    x1: start.x, y1: start.y, x2: x, y2: y, width: 1 + 5 * weight, alpha: 0.35 + 0.5 * weight,
  })), colors.accent);
  drawMarks(ink, documentMarks(picture, focus));
  if (patches) {
    drawMarks(ink, ends.map((end) => patchRing(patches, end, 3, colors.accent)));
    drawMarks(ink, [patchRing(patches, start, 3, colors.ink)]);
    return;
  }
  /** @param {Place} place @param {{kind: number, color: string, larger: number, ring: string}} look @returns {Mark} */
  const mark = ({ x, y, near }, { larger, ...look }) => (
    { x, y, radius: atDistance(panel.radius, near) + larger, ...look });
  const ring = cssColor(colors.page);
  drawMarks(ink, ends.map((end) => mark(end, { kind: 1 - kind, color: end.color, larger: 2, ring })));
  drawMarks(ink, [mark(start, { kind, color: inkOf(vertex), larger: 4, ring: cssColor(colors.ink) })]);
}

/**
 * The names of the selected token and of its partners, with their shares.
 * @param {Picture} picture
 * @param {Focus} focus
 * @param {{kind: 0 | 1, token: number, start: Place, ends: readonly End[]}} selected
 * @returns {Label[]}
 */
function attentionLabels({ ink, panel, colors, patches }, focus, { kind, token, start, ends }) {
  const inks = [cssColor(colors.query), cssColor(colors.key)];
  const beside = patches ? patches.side / 2 : panel.radius;
  const other = kind === 0 ? 1 : 0;
  const style = { color: inks[other], font: FONTS.partner, gap: beside + 7 };
  return [
    makeLabel(ink, start, nameToken(focus.tokens[kind], token),
      { color: inks[kind], font: FONTS.selected, gap: beside + 9 }),
    ...ends.map((end) => makeLabel(ink, clipTo(panel.rect, start, end),
      `${nameToken(focus.tokens[other], end.index)}  ${roughPercent(end.weight)}`, style)),
  ];
}

/**
 * The names of the document's tokens besides those that are named already.
 * @param {Picture} picture
 * @param {Focus} focus
 * @param {ReadonlySet<string>} named kind and token
 */
function otherLabels({ ink, panel, place, colors, patches }, { vertices, tokens }, named) {
  const gap = (patches ? patches.side / 2 : panel.radius) + 5;
  const style = { color: cssColor(colors.quiet), font: FONTS.other, gap };
  return /** @type {const} */ ([0, 1]).flatMap((kind) => [...vertices[kind]]
    .filter(([index]) => !named.has(`${kind} ${index}`))
    .slice(0, MOST_NAMES)
    .map(([index, vertex]) => makeLabel(ink, place(vertex), nameToken(tokens[kind], index), style)));
}

/**
 * Where a line from inside a rectangle leaves it: the names of points outside stand there.
 * @param {Rect} rect
 * @param {{x: number, y: number}} from
 * @param {{x: number, y: number}} to
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
