/** The bar under each cell of the atlas: one statistic, on one scale for all heads. */
import { isShare } from '../../state/layout.js';
import { el } from '../../parts/element.js';
import { figure } from '../../parts/numbers.js';

/** @import { Model } from '../../data/types.js' */
/** @import { Head } from '../../parts/types.js' */

/**
 * The value of a full bar: 1 for shares, else the largest among the heads.
 * @param {readonly Head[]} heads
 * @param {Model['statistics'][number]} statistic
 */
function fullBar(heads, statistic) {
  if (isShare(statistic.unit)) return 1;
  return Math.max(1e-9, ...heads.map((head) => head.statistics[statistic.name] ?? 0));
}

/**
 * @param {readonly {bar: HTMLElement, head: Head}[]} cells
 * @param {Model | undefined} model
 * @param {string} name of the statistic
 */
export function setBars(cells, model, name) {
  const statistic = model?.statistics.find((candidate) => candidate.name === name);
  if (!statistic) return;
  const full = fullBar(cells.map(({ head }) => head), statistic);
  for (const { bar, head } of cells) {
    const value = head.statistics[statistic.name];
    bar.style.width = `${100 * Math.min(Math.max((value ?? 0) / full, 0), 1)}%`;
  }
}

/** The scale with its numbers. @param {Model} model @param {readonly Head[]} heads @param {string} name */
export function barLegend(model, heads, name) {
  const statistic = model.statistics.find((item) => item.name === name);
  if (!statistic) return null;
  const unit = isShare(statistic.unit) ? '' : ` ${statistic.unit}`;
  return el('span', { class: 'bar-legend', 'data-tip': statistic.description },
    '0', el('span', { class: 'bar-track' }, el('span', { class: 'bar' })),
    figure(fullBar(heads, statistic), statistic.unit) + unit);
}
