/** A head from step to step of a series: how far it moved, and each of its statistics as a line, with its numbers. */
import { el, fill } from '../../parts/element.js';
import { amount, count, figure, plural } from '../../parts/numbers.js';
import { svg } from '../../parts/svg.js';
import { readSort } from '../../state/heads-order.js';
import { counterpart } from '../../state/layout.js';
import { movedRank, seriesOf, statisticsOf, stepText } from '../../state/series.js';
import { folded } from './lists.js';

/** @import { Model, Statistic } from '../../data/types.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Context, Head } from '../../parts/types.js' */

/** Measures in the drawing's own units, which are CSS pixels at the inspector's usual width. */
const WIDTH = 298;
const HEIGHT = 64;
const EDGE = 5;
const MOVED = 'divergence';
const FLOOR = 'divergence_floor';
const MEANING = 'Jensen–Shannon divergence of its rows of attention on the same documents, averaged: 0 is the same '
  + 'attention, ln 2 = 0.693 nothing in common. The noise floor is that of the same model run in another number type.';

/** The statistic that is drawn stays so from head to head; '' for the one that heads are sorted by. */
let chosen = '';

/** @param {Context} context @param {Model} model @param {Head} head */
export function movedLine({ report }, model, head) {
  const { series } = model;
  const { [MOVED]: moved, divergence_first: first, [FLOOR]: floor } = head.statistics;
  const former = series?.former && report.model(series.former);
  if (!series || !former || typeof moved !== 'number') return null;
  const heads = report.heads(model.name);
  const rank = movedRank(heads, head);
  const place = rank === 1 ? 'the most' : `number ${count(rank ?? 0)}`;
  const among = moved > 0 ? `, ${place} of ${plural(heads.length, 'head')}` : '';
  const noise = typeof floor === 'number' ? ` (noise floor ${amount(floor)})` : '';
  const start = report.model(series.first ?? '');
  const since = start && start !== former && typeof first === 'number'
    ? `; since step ${stepText(start)} by ${amount(first)}` : '';
  return el('p', { class: 'moved-line', 'data-tip': MEANING },
    `Since step ${stepText(former)} its attention moved by ${amount(moved)} nats${noise}${among}${since}.`);
}

/** @param {Context} context @param {Selection} selection @param {Head} head */
export function seriesCard({ report }, selection, head) {
  const series = seriesOf(report.models);
  const here = series.findIndex(({ name }) => name === selection.model);
  if (series.length < 2 || here < 0) return null;
  const heads = series.map(({ name }) => counterpart(report.heads(name), head));
  const statistics = statisticsOf(series, heads);
  if (statistics.length === 0) return null;
  const place = el('div');
  const select = el('select', { 'aria-label': 'Statistic from step to step', onchange: () => {
    chosen = select.value;
    draw();
  } }, ...statistics.map(({ name, title }) => el('option', { value: name }, title)));
  const draw = () => {
    const statistic = statistics.find(({ name }) => name === select.value) ?? statistics[0];
    fill(place, ...lineOf(statistic, series, heads, here));
  };
  const names = [chosen, readSort(selection.sort).name, MOVED, statistics[0].name];
  select.value = names.find((name) => statistics.some((statistic) => statistic.name === name)) ?? '';
  draw();
  return el('div', { class: 'picture-card series-card' },
    el('h3', {}, 'From step to step'), el('label', { class: 'chip' }, select), place);
}

/**
 * A line with its numbers as a table.
 * @param {Statistic} statistic
 * @param {readonly Model[]} series
 * @param {readonly (Head | undefined)[]} heads
 * @param {number} here the place of the model that is shown
 */
function lineOf(statistic, series, heads, here) {
  const values = valuesOf(heads, statistic.name);
  const floors = statistic.name === MOVED ? valuesOf(heads, FLOOR) : [];
  const numbers = () => [el('table', { class: 'steps-table' },
    el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Step'), el('th', { scope: 'col' }, statistic.title),
      floors.length > 0 && el('th', { scope: 'col' }, 'Noise floor'))),
    el('tbody', {}, ...series.map((model, i) => el('tr', { 'aria-current': i === here ? 'true' : null },
      el('th', { scope: 'row' }, stepText(model)), el('td', { class: 'number' }, inDigits(values[i], statistic.unit)),
      floors.length > 0 && el('td', { class: 'number' }, inDigits(floors[i], statistic.unit))))))];
  return [drawing(statistic, series, values, floors, here), folded('steps', 'Numbers', numbers)];
}

/** @param {readonly (Head | undefined)[]} heads @param {string} name */
function valuesOf(heads, name) {
  return heads.map((head) => head?.statistics[name] ?? null);
}

/** @param {number | null} value @param {string} unit */
function inDigits(value, unit) {
  if (value === null) return '–';
  return unit === 'nats' ? amount(value) : figure(value, unit);
}

/**
 * @param {Statistic} statistic
 * @param {readonly Model[]} series
 * @param {readonly (number | null)[]} values
 * @param {readonly (number | null)[]} floors drawn as a second line
 * @param {number} here
 */
function drawing(statistic, series, values, floors, here) {
  const known = [...values, ...floors].filter((value) => value !== null);
  const [low, high] = [Math.min(0, ...known), Math.max(1e-12, ...known)];
  const x = (/** @type {number} */ i) => EDGE + (WIDTH - 2 * EDGE) * i / (series.length - 1);
  const y = (/** @type {number} */ value) => HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (value - low) / (high - low);
  const path = (/** @type {readonly (number | null)[]} */ line) => line
    .map((value, i) => (value === null ? '' : `${i > 0 && line[i - 1] !== null ? 'L' : 'M'}${x(i)} ${y(value)}`))
    .join('');
  const points = values.flatMap((value, i) => (value === null ? [] : [svg('circle',
    { class: i === here ? 'step-point here' : 'step-point', cx: x(i), cy: y(value), r: i === here ? 4 : 2.5,
      'data-tip': `Step ${stepText(series[i])}: ${inDigits(value, statistic.unit)} ${statistic.unit}`.trim() })]));
  const unit = statistic.unit === 'share' ? '' : ` ${statistic.unit}`;
  const words = values.map((value, i) => `step ${stepText(series[i])} ${inDigits(value, statistic.unit)}`).join(', ');
  return svg('svg',
    { class: 'steps-line', viewBox: `0 0 ${WIDTH} ${HEIGHT + 13}`, role: 'img',
      'aria-label': `${statistic.title}, ${statistic.unit ? `${statistic.unit}, ` : ''}from step to step: ${words}` },
    svg('line', { class: 'profile-axis', x1: 0, x2: WIDTH, y1: y(low), y2: y(low) }),
    svg('path', { class: 'floor-path', d: path(floors) }),
    svg('path', { class: 'step-path', d: path(values) }), ...points,
    svg('text', { x: 0, y: HEIGHT + 11 }, `step ${stepText(series[0])}`),
    svg('text', { x: WIDTH / 2, y: HEIGHT + 11, 'text-anchor': 'middle' },
      `${inDigits(low, statistic.unit)} to ${inDigits(high, statistic.unit)}${unit}`),
    svg('text', { x: WIDTH, y: HEIGHT + 11, 'text-anchor': 'end' }, `step ${stepText(series[series.length - 1])}`));
}
