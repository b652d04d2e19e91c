/** One query and one key: their channels, the products, and how the sum of these becomes a weight. */
import { el, fill } from '../../parts/element.js';
import { percent, real } from '../../parts/numbers.js';
import { beside } from '../../parts/figure/compose.js';
import { marksOf } from '../../parts/figure/ink.js';
import { lift } from '../../parts/figure/lift.js';
import { drawBars, largestSize, paintBars, signColors } from './bars.js';
import { elementTable } from './element-table.js';
import { termTable } from './term-table.js';

/** @import { Figure, Table } from '../../parts/figure/types.js' */
/** @import { BarColors, Bars } from './bars.js' */
/** @import { PairTerms } from '../../data/terms.js' */
/** @import { Context } from '../../parts/types.js' */
/** @import { Rule } from '../../data/types.js' */

const CHART = 46;

/**
 * @typedef {object} Pair
 * @property {string} query its name
 * @property {string} key
 * @property {Float64Array} q
 * @property {Float64Array} k
 * @property {PairTerms} terms
 * @property {Rule} rule
 * @property {number | null} sink
 * @property {boolean} biased whether the head has a bias
 * @property {readonly number[]} order of channels
 */

export class PairPanel {
  #context;
  #charts = el('div', { class: 'neuron-charts' });
  #mark = el('span', { class: 'neuron-mark', hidden: true });
  #terms = el('div', { class: 'neuron-terms' });
  #table = el('details', { class: 'more' });
  element = el('section', { class: 'neuron-pair', 'aria-label': 'The pair' }, this.#charts, this.#terms, this.#table);
  /** @type {Pair | undefined} */
  #pair;
  /** What is drawn on each chart. @type {Map<Element, Bars>} */
  #bars = new Map();

  /** @param {Context} context */
  constructor(context) {
    this.#context = context;
    this.#charts.addEventListener('pointermove', ({ clientX, clientY }) => this.#point(clientX, clientY));
    this.#charts.addEventListener('pointerleave', () => this.#leave());
    this.#table.addEventListener('toggle', () => this.#fillTable());
    new ResizeObserver(() => this.repaint()).observe(this.#charts);
  }

  /** @param {Pair} pair */
  show(pair) {
    this.#pair = pair;
    fill(this.#terms, termTable(pair));
    this.repaint();
    this.#fillTable();
  }

  repaint() {
    const [pair, width] = [this.#pair, this.#charts.clientWidth];
    if (!pair || width === 0) return;
    const { q, k, terms, order } = pair;
    const { page, query, key, ink } = this.#context.theme.colors();
    const line = ink;
    this.#bars.clear();
    const chart = (/** @type {string} */ name, /** @type {Float64Array} */ values, /** @type {BarColors} */ colors) => (
      this.#chart(name, { room: { width, height: CHART }, values, order, top: largestSize(values), colors }));
    fill(this.#charts,
      chart(`q of “${pair.query}”`, q, { above: query, below: query, line }),
      chart(`k of “${pair.key}”`, k, { above: key, below: key, line }),
      chart('q × k', terms.products, signColors(page, line)), this.#mark);
  }

  /** @param {string} name @param {Bars} bars */
  #chart(name, bars) {
    const canvas = el('canvas', { class: 'neuron-bars', 'aria-hidden': 'true' });
    drawBars(canvas, bars);
    this.#bars.set(canvas, bars);
    return el('figure', { class: 'neuron-chart' },
      el('figcaption', {}, el('bdi', {}, name), el('span', { class: 'quiet' }, `±${real(bars.top, 3)}`)), canvas);
  }

  /** The charts and the terms, as marks. @returns {Figure} */
  figure() {
    const drawn = new Map([...this.#bars].map(([canvas, bars]) => (
      [canvas, marksOf((ink) => paintBars(ink, bars))])));
    return beside(lift(this.#charts, { drawn }), lift(this.#terms));
  }

  /** The channels from left to right, with their numbers. @returns {Table | undefined} */
  table() {
    const pair = this.#pair;
    if (!pair) return undefined;
    const { q, k, terms: { products }, order } = pair;
    return { columns: ['channel', 'q', 'k', 'product'], count: order.length,
      rows: () => order.map((channel) => [channel, q[channel], k[channel], products[channel]]) };
  }

  /** The channel under the pointer, with its numbers. @param {number} x @param {number} y in the window */
  #point(x, y) {
    const pair = this.#pair;
    const { left, width, height } = this.#charts.getBoundingClientRect();
    const at = Math.floor((x - left) / width * (pair?.order.length ?? 0));
    if (!pair || at < 0 || at >= pair.order.length) return this.#leave();
    const channel = pair.order[at];
    const step = width / pair.order.length;
    this.#mark.hidden = false;
    Object.assign(this.#mark.style, { left: `${at * step}px`, width: `${step}px`, height: `${height}px` });
    this.#context.tooltip.show({ x: left + (at + 1) * step, y }, el('b', {}, `Channel ${channel}`),
      ` ${real(pair.q[channel])} × ${real(pair.k[channel])} = ${real(pair.terms.products[channel])}`);
    return undefined;
  }

  #leave() {
    this.#mark.hidden = true;
    this.#context.tooltip.hide();
  }

  #fillTable() {
    const pair = this.#pair;
    if (!pair) return;
    const summary = this.#table.querySelector('summary') ?? el('summary', {}, 'Channels as a table');
    fill(this.#table, summary, this.#table.open && elementTable(pair));
  }
}

/** What the weight of a pair is, in words. @param {PairTerms} terms */
export function weightInWords({ allowed, weight }) {
  return allowed ? percent(weight) : 'masked';
}
