/**
 * Models of a report that are a series: their steps, and a statistic of a head from step to step. Pure.
 * @import { Head, Model } from '../data/types.js'
 */

/**
 * The models of the report's series, in order of their steps; none where it has no series.
 * @param {readonly Model[]} models
 * @returns {Model[]}
 */
export function seriesOf(models) {
  return models.filter(({ series }) => series);
}

/** "1,000". @param {Model} model */
export function stepText({ series }) {
  return new Intl.NumberFormat('en', { maximumFractionDigits: 6 }).format(series?.step ?? NaN);
}

/** "step 1,000, 3 of 5". @param {readonly Model[]} series @param {number} place */
export function placeInWords(series, place) {
  return `step ${stepText(series[place])}, ${place + 1} of ${series.length}`;
}

/**
 * How many heads of a model moved more than this one since the step before, plus one; null where that is not known.
 * @param {readonly Head[]} heads
 * @param {Head} head
 */
export function movedRank(heads, head) {
  const moved = head.statistics.divergence ?? null;
  return moved === null ? null : heads.filter((other) => (other.statistics.divergence ?? 0) > moved).length + 1;
}

/**
 * The statistics that any model of a series has of a head, in the order of the last model's columns.
 * @param {readonly Model[]} series
 * @param {readonly (Head | undefined)[]} heads the head in each model
 * @returns {Model['statistics']}
 */
export function statisticsOf(series, heads) {
  /** @type {Map<string, Model['statistics'][number]>} */
  const columns = new Map();
  for (const model of [...series].reverse()) {
    for (const column of model.statistics) columns.set(column.name, columns.get(column.name) ?? column);
  }
  return [...columns.values()].filter(({ name }) => heads.some((head) => typeof head?.statistics[name] === 'number'));
}
