/** One query and one key: their channels, the products, and how the sum of these becomes a weight. */
import { el, fill } from '../../parts/element.js';
import { percent, real } from '../../parts/numbers.js';
import { drawBars, largestSize, signColors } from './bars.js';
import { elementTable } from './element-table.js';
import { termTable } from './term-table.js';

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
    fill(this.#charts,
      chart(`q of “${pair.query}”`, q, order, width, { above: query, below: query, line }),
      chart(`k of “${pair.key}”`, k, order, width, { above: key, below: key, line }),
      chart('q × k', terms.products, order, width, signColors(page, line)), this.#mark);
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

/**
 * @param {string} name @param {Float64Array} values @param {readonly number[]} order @param {number} width
 * @param {import('./bars.js').BarColors} colors
 */
function chart(name, values, order, width, colors) {
  const canvas = el('canvas', { class: 'neuron-bars', 'aria-hidden': 'true' });
  const top = largestSize(values);
  drawBars(canvas, { width, height: CHART }, values, order, top, colors);
  return el('figure', { class: 'neuron-chart' },
    el('figcaption', {}, el('bdi', {}, name), el('span', { class: 'quiet' }, `±${real(top, 3)}`)), canvas);
}
