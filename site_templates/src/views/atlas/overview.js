/** The points of all heads in one cloud, and the panels that show them: one for each cell. */
import { emptyCloud, groupVertices, weave } from '../../draw/cloud.js';
import { flatView } from '../../draw/project.js';

/** @import { Head, Overview } from '../../data/types.js' */
/** @import { Cloud, Panel, Rect, View } from '../../draw/types.js' */
/** @import { Marks } from '../../parts/point-marks.js' */

/**
 * The points of a head in the cloud, by group one after another: inside the head's view, outside it, the lit ones of
 * both, and those that are left out.
 * @typedef {{first: number, count: number, groups: readonly number[]}} Range
 */
/** @typedef {{cloud: Cloud, ranges: Map<Head, Range>}} OverviewCloud */
/** A head's points, and which of them stand out. @typedef {{head: Head, points: Overview, marks: Marks}} HeadPoints */

const [INSIDE, OUTSIDE, LIT, LIT_OUTSIDE, HIDDEN] = [0, 1, 2, 3, 4];
const GROUPS = 5;
/** Square pixels of a cell for each of its points. */
const POINT_ROOM = 9;
/** Even a small cell shows so many points. */
const LEAST_POINTS = 300;
/** Points far out stand on the rim of the overview's codes, on the side on which they lie. */
const RIM_CODES = [0, 255];
const ALPHA = 0.72;
const OUTER_ALPHA = 0.3;
/** Of a search, the points that are not found, and those that are; and the heads that a filter leaves out. */
const STEPPED_BACK = 0.22;
const LIT_RADIUS = 1.5;
const FADED = 0.14;

/**
 * @param {readonly HeadPoints[]} heads those that have a map
 * @param {() => Promise<void> | void} breathe called after each head
 * @returns {Promise<OverviewCloud>}
 */
export async function weaveOverview(heads, breathe) {
  const total = heads.reduce((sum, { points }) => sum + (points.queries.length + points.keys.length) / 2, 0);
  const cloud = emptyCloud(total, false);
  /** @type {OverviewCloud['ranges']} */
  const ranges = new Map();
  let first = 0;
  for (const { head, points: { queries, keys }, marks: { lit, hidden } } of heads) {
    const count = weave(cloud, first, queries, keys);
    const groups = groupVertices(cloud, { first, count }, GROUPS, (vertex) => {
      const [kind, point] = [/** @type {0 | 1} */ (cloud.kinds[vertex]), cloud.points[vertex]];
      if (hidden?.(head, kind, point)) return HIDDEN;
      const outside = isOuter(cloud, vertex);
      if (lit?.(head, kind, point)) return outside ? LIT_OUTSIDE : LIT;
      return outside ? OUTSIDE : INSIDE;
    });
    ranges.set(head, { first, count, groups });
    first += count;
    await breathe();
  }
  return { cloud, ranges };
}

/**
 * The share of a head's points that is left out; NaN where it has none.
 * @param {OverviewCloud} overview @param {Head | undefined} head
 */
export function leftOutPoints({ ranges }, head) {
  const range = head && ranges.get(head);
  return range ? range.groups[HIDDEN] / range.count : NaN;
}

/** How many points of a head are lit. @param {OverviewCloud} overview @param {Head | undefined} head */
export function litPoints({ ranges }, head) {
  const groups = head && ranges.get(head)?.groups;
  return groups ? groups[LIT] + groups[LIT_OUTSIDE] : 0;
}

/** @param {Cloud} cloud @param {number} vertex */
function isOuter({ positions }, vertex) {
  return RIM_CODES.includes(positions[2 * vertex]) || RIM_CODES.includes(positions[2 * vertex + 1]);
}

/**
 * How a cell is drawn: `rim`, in pixels, is where what lies outside the view is; `searched` says whether points stand
 * out and the others step back.
 * @typedef {{rim: number, searched: boolean, faded: boolean}} Look
 */

/**
 * @param {OverviewCloud} overview
 * @param {readonly (Look & {head: Head, rect: Rect})[]} cells
 * @returns {Panel[]} of the heads that have a map
 */
export function overviewPanels({ cloud, ranges }, cells) {
  return cells.flatMap(({ head, rect, ...look }) => {
    const range = ranges.get(head);
    return range ? cellPanels(cloud, range, rect, look) : [];
  });
}

/**
 * The points outside the view, faint between its frame and the cell's, those inside, and over them those that are lit.
 * @param {Cloud} cloud
 * @param {Range} range
 * @param {Rect} rect
 * @param {Look} look
 * @returns {Panel[]}
 */
function cellPanels(cloud, { first, groups }, rect, { rim, searched, faded }) {
  const radius = Math.min(Math.max(rect.width / 78, 0.7), 1.6);
  // A small cell shows a prefix of both, which is a fair sample: more would only fill it.
  const fitting = Math.max(LEAST_POINTS, Math.round((rect.width * rect.height) / POINT_ROOM));
  const share = Math.min(1, fitting / (groups[INSIDE] + groups[OUTSIDE] || 1));
  const strength = (searched ? STEPPED_BACK : 1) * (faded ? FADED : 1);
  const views = [insetView(rect, rim), insetView(rect, rim / 2)];
  /** @param {number} group @param {{view: View, radius: number, alpha: number, count?: number}} how @returns {Panel} */
  const panel = (group, { count = groups[group], ...how }) => (
    { ...how, cloud, rect, count, first: first + groups.slice(0, group).reduce((sum, value) => sum + value, 0) });
  return [
    panel(OUTSIDE, {
      view: views[1], radius: 0.8 * radius, alpha: OUTER_ALPHA * strength, count: Math.round(share * groups[OUTSIDE]),
    }),
    panel(INSIDE, { view: views[0], radius, alpha: ALPHA * strength, count: Math.round(share * groups[INSIDE]) }),
    panel(LIT_OUTSIDE, { view: views[1], radius: LIT_RADIUS * radius, alpha: faded ? FADED : 1 }),
    panel(LIT, { view: views[0], radius: LIT_RADIUS * radius, alpha: faded ? FADED : 1 }),
  ].filter(({ count }) => count > 0);
}

/** The codes' square so far inside a cell. @param {Rect} rect @param {number} inset in pixels */
function insetView({ width, height }, inset) {
  const [x, y] = [inset / (width - 2 * inset), inset / (height - 2 * inset)];
  return flatView({ x: -x, y: -y, width: 1 + 2 * x, height: 1 + 2 * y });
}
