/** The atlas, taken away: cells, names and points, and the heads' statistics as a table. */
import { cloudInWords, cloudMarks } from '../../parts/figure/cloud-marks.js';
import { beside, stack } from '../../parts/figure/compose.js';
import { lift } from '../../parts/figure/lift.js';
import { headsTable } from '../../parts/heads-table.js';

/** @import { Model } from '../../data/types.js' */
/** @import { Panel } from '../../draw/types.js' */
/** @import { Exhibit } from '../../parts/figure/types.js' */
/** @import { Head } from '../../parts/types.js' */

/**
 * @typedef {object} Scene
 * @property {readonly {model: Model, heads: readonly Head[]}[]} models
 * @property {string} bar the statistic of the bars
 * @property {string} words
 * @property {HTMLElement} grid
 * @property {HTMLElement} stage where its points are
 * @property {() => Panel[]} panels
 * @property {() => Uint8Array} palette
 * @property {readonly HTMLElement[]} legends
 * @property {string} [links] those that are drawn, in words
 */

/** @param {Scene} scene @returns {Exhibit} */
export function atlasExhibit({ models, bar, words, grid, stage, panels, palette, legends, links }) {
  const statistic = models[0].model.statistics.find(({ name }) => name === bar);
  const barred = statistic ? `Bars: ${statistic.title.toLowerCase()}.` : '';
  return {
    heads: models.flatMap(({ heads }) => heads),
    words: [words, barred, links, cloudInWords(panels())].filter(Boolean).join(' '),
    figure() {
      const room = { width: grid.scrollWidth, height: grid.scrollHeight };
      const drawn = new Map([[stage, cloudMarks(panels(), palette(), room)]]);
      const visible = legends.filter(({ isConnected, hidden }) => isConnected && !hidden);
      return stack(visible.length > 0 && beside(...visible.map((legend) => lift(legend))), lift(grid, { drawn }));
    },
    ...tableOf(models),
  };
}

/** One model's heads as a table; other models have other statistics. @param {Scene['models']} models */
function tableOf([{ model, heads }, ...others]) {
  if (others.length === 0) return { table: () => headsTable(model, heads) };
  return { noTable: 'Models have statistics of their own: the table of each is saved where it is shown alone.' };
}
