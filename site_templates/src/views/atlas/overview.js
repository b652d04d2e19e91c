/** The points of all heads in one cloud, and the panels that show them: one for each cell. */
import { emptyCloud, moveToEnd, weave } from '../../draw/cloud.js';
import { flatView } from '../../draw/project.js';

/** @import { Report } from '../../data/report.js' */
/** @import { Overview } from '../../data/types.js' */
/** @import { Cloud, Panel, Rect } from '../../draw/types.js' */

/**
 * Points of a cloud: those inside the head's view come first.
 * @typedef {{first: number, count: number, inside: number}} Range
 */
/** @typedef {{cloud: Cloud, ranges: Map<string, Range>}} OverviewCloud `ranges` by a head's id */

/** Square pixels of a cell for each of its points. */
const POINT_ROOM = 9;
/** Even a small cell shows so many points. */
const LEAST_POINTS = 300;
/** Points far out stand on the rim of the overview's codes, on the side on which they lie. */
const RIM_CODES = [0, 255];
const ALPHA = 0.72;
const OUTER_ALPHA = 0.3;

/** Loads each model's overview once; one that failed is asked for again. @param {Report} report */
export function createOverviewLoader(report) {
  /** @type {Map<string, Promise<OverviewCloud>>} */
  const loading = new Map();
  /** @param {string} model */
  return (model) => {
    const known = loading.get(model);
    if (known) return known;
    const overview = report.overview(model).then(weaveOverview);
    loading.set(model, overview);
    overview.catch(() => loading.delete(model));
    return overview;
  };
}

/** @param {readonly Overview[]} heads @returns {OverviewCloud} */
function weaveOverview(heads) {
  const total = heads.reduce((sum, head) => sum + (head.queries.length + head.keys.length) / 2, 0);
  const cloud = emptyCloud(total, false);
  /** @type {OverviewCloud['ranges']} */
  const ranges = new Map();
  let first = 0;
  for (const head of heads) {
    const count = weave(cloud, first, head.queries, head.keys);
    const inside = moveToEnd(cloud, { first, count }, (vertex) => isOuter(cloud, vertex));
    ranges.set(head.id, { first, count, inside });
    first += count;
  }
  return { cloud, ranges };
}

/** @param {Cloud} cloud @param {number} vertex */
function isOuter({ positions }, vertex) {
  return RIM_CODES.includes(positions[2 * vertex]) || RIM_CODES.includes(positions[2 * vertex + 1]);
}

/**
 * @param {OverviewCloud} overview
 * @param {readonly {id: string, rect: Rect}[]} cells
 * @param {number} rim of a cell, in pixels: what lies outside the view is drawn there
 * @returns {Panel[]} of the heads that have a map
 */
export function overviewPanels({ cloud, ranges }, cells, rim) {
  return cells.flatMap(({ id, rect }) => {
    const range = ranges.get(id);
    return range ? cellPanels(cloud, range, rect, rim) : [];
  });
}

/** The points outside the view, faint between its frame and the cell's, and those inside. @returns {Panel[]}
 * @param {Cloud} cloud @param {Range} range @param {Rect} rect @param {number} rim */
function cellPanels(cloud, { first, count, inside }, rect, rim) {
  const radius = Math.min(Math.max(rect.width / 78, 0.7), 1.6);
  // A small cell shows a prefix of both, which is a fair sample: more would only fill it.
  const fitting = Math.max(LEAST_POINTS, Math.round((rect.width * rect.height) / POINT_ROOM));
  const share = Math.min(1, fitting / count);
  const outer = { first: first + inside, count: Math.round(share * (count - inside)) };
  return [
    { ...outer, cloud, rect, view: insetView(rect, rim / 2), radius: 0.8 * radius, alpha: OUTER_ALPHA },
    { cloud, first, count: Math.round(share * inside), rect, view: insetView(rect, rim), radius, alpha: ALPHA },
  ];
}

/** The codes' square so far inside a cell. @param {Rect} rect @param {number} inset in pixels */
function insetView({ width, height }, inset) {
  const [x, y] = [inset / (width - 2 * inset), inset / (height - 2 * inset)];
  return flatView({ x: -x, y: -y, width: 1 + 2 * x, height: 1 + 2 * y });
}
