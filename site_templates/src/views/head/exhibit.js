/** A head's map, taken away: its points and what is drawn over them, and the points in sight as a table. */
import { fullScale } from '../../draw/cloud.js';
import { makePlacer } from '../../draw/project.js';
import { cloudInWords } from '../../parts/figure/cloud-marks.js';
import { beside, stack } from '../../parts/figure/compose.js';
import { lift } from '../../parts/figure/lift.js';
import { nameToken } from '../../parts/names.js';
import { kindOf, whatIsAt } from './data.js';

/** @import { Report } from '../../data/report.js' */
/** @import { Panel } from '../../draw/types.js' */
/** @import { Exhibit, Figure } from '../../parts/figure/types.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Head } from '../../parts/types.js' */
/** @import { Focus, MapData } from './data.js' */
/** @import { Scene } from './scene.js' */
/** @import { Sizing } from './sizes.js' */

/**
 * @typedef {object} Shown
 * @property {Report} report
 * @property {Selection} selection
 * @property {Scene} scene
 * @property {MapData} data
 * @property {Head} head
 * @property {string} words
 * @property {() => readonly HTMLElement[]} legend in the theme's present colours
 */

/** @param {Shown} shown @returns {Exhibit} */
export function headExhibit({ report, selection, scene, data, head, words, legend }) {
  const { focus } = scene;
  const panel = /** @type {Panel} */ (scene.panel());
  const vertices = verticesInSight(panel);
  const title = report.model(selection.model)?.maps.find(({ id }) => id === selection.map)?.title;
  return {
    heads: [head], document: focus?.document,
    words: [`Map: ${title}.`, words, cloudInWords([panel])].filter(Boolean).join(' '),
    figure() {
      const visible = legend().filter(({ isConnected, hidden }) => isConnected && !hidden);
      return stack(visible.length > 0 && beside(...visible.map((element) => lift(element))),
        /** @type {Figure} */ (scene.figure()));
    },
    table: () => ({
      columns: ['kind', 'document', 'token', 'text', ...['x', 'y', 'z'].slice(0, data.cloud.dimensions), 'weight',
        ...scene.appearance.sizing ? ['length'] : []],
      count: vertices.length,
      rows: () => rowsOf({ report, selection, data, focus, sizing: scene.appearance.sizing }, vertices),
    }),
  };
}

/** @param {Panel} panel */
function verticesInSight(panel) {
  const { first, count, rect } = panel;
  const place = makePlacer(panel);
  return Array.from({ length: count }, (_, i) => first + i).filter((vertex) => {
    const { x, y, near } = place(vertex);
    return near >= 0 && x >= rect.x && y >= rect.y && x <= rect.x + rect.width && y <= rect.y + rect.height;
  });
}

/**
 * A row for each point: its place in map coordinates, and, in the selected document, its share of the selected token.
 * @param {Pick<Shown, 'report' | 'selection' | 'data'> & {focus: Focus | undefined, sizing: Sizing | undefined}} shown
 * @param {readonly number[]} vertices
 */
async function* rowsOf({ report, selection, data, focus, sizing }, vertices) {
  const { cloud, map } = data;
  const { model, token, side } = selection;
  const attention = token === null ? undefined : focus?.attention;
  const shares = attention && token !== null
    && (side === 'query' ? attention.row(token) : attention.column(token));
  for (const vertex of vertices) {
    const at = whatIsAt(data, vertex);
    const tokens = await report.tokens(model, at.axis.name, at.document);
    const coordinates = Array.from({ length: cloud.dimensions }, (_, k) => map.lo[k]
      + (cloud.positions[cloud.dimensions * vertex + k] / fullScale(cloud)) * (map.hi[k] - map.lo[k]));
    const weighed = shares && at.document === focus?.document && at.kind !== kindOf(side);
    yield [at.side, at.document, at.token, nameToken(tokens, at.token), ...coordinates,
      weighed ? shares[at.token] : null, ...sizing ? [sizing.lengths[vertex]] : []];
  }
}
