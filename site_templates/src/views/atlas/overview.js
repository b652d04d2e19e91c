/** The points of all heads in one cloud, and the panels that show them: one for each cell. */
import { emptyCloud, weave } from '../../draw/cloud.js';
import { flatView } from '../../draw/project.js';

/** @import { Report } from '../../data/report.js' */
/** @import { Overview } from '../../data/types.js' */
/** @import { Cloud, Panel, Rect } from '../../draw/types.js' */

/** @typedef {{first: number, count: number}} Range points of a cloud */
/** @typedef {{cloud: Cloud, ranges: Map<string, Range>}} OverviewCloud `ranges` by a head's id */

/** Square pixels of a cell for each of its points. */
const POINT_ROOM = 9;
/** Even a small cell shows so many points. */
const LEAST_POINTS = 300;

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
    ranges.set(head.id, { first, count });
    first += count;
  }
  return { cloud, ranges };
}

/**
 * @param {OverviewCloud} overview
 * @param {readonly {id: string, rect: Rect}[]} cells
 * @returns {Panel[]} of the heads that have a map
 */
export function overviewPanels({ cloud, ranges }, cells) {
  return cells.flatMap(({ id, rect }) => {
    const range = ranges.get(id);
    return range ? [cellPanel(cloud, range, rect)] : [];
  });
}

/** @param {Cloud} cloud @param {Range} range @param {Rect} rect @returns {Panel} */
function cellPanel(cloud, { first, count }, rect) {
  const radius = Math.min(Math.max(rect.width / 78, 0.7), 1.6);
  // A small cell shows a prefix, which is a fair sample: more would only fill it.
  const fitting = Math.max(LEAST_POINTS, Math.round((rect.width * rect.height) / POINT_ROOM));
  // Points on the rim are not cut off.
  const margin = (2 * radius) / rect.width;
  const window = { x: -margin, y: -margin, width: 1 + 2 * margin, height: 1 + 2 * margin };
  return { cloud, first, count: Math.min(count, fitting), rect, view: flatView(window), radius, alpha: 0.72 };
}
