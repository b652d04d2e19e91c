/** A query's scores term by term: its keys with the products of each channel, and one pair in full. */
import { pairTerms, withVectors } from '../../data/terms.js';
import { DocumentFrame } from '../../parts/document-frame.js';
import { choice, el, fill } from '../../parts/element.js';
import { stack } from '../../parts/figure/compose.js';
import { lift } from '../../parts/figure/lift.js';
import { nameToken } from '../../parts/names.js';
import { hundredths, plural, real } from '../../parts/numbers.js';
import { drawBars, largestSize, signColors } from './bars.js';
import { noVectors } from './no-vectors.js';
import { PairPanel, weightInWords } from './pair.js';
import { chosenPair, orderOf } from '../../parts/chosen-pair.js';
import { TokenList } from './token-list.js';

/** @import { QueryKeyAttention } from '../../data/encoding/query-key.js' */
/** @import { Selection, Side } from '../../state/types.js' */
/** @import { Texts } from '../../parts/document-texts.js' */
/** @import { Context, View } from '../../parts/types.js' */

const ELEMENTS = [{ value: 'dimension', text: 'as in the model' }, { value: 'product', text: 'largest product first' }];
/** What stands beside a key's products, and the strip's own bounds, in CSS pixels. */
const STRIP = { beside: 320, least: 120, most: 520, height: 22 };
const BITS = {
  'query-key-packed': 'whole steps of each channel',
  'query-key-int8': '8 bits a channel',
  'query-key-int16': '16 bits a channel',
};

/** @implements {View} */
export class NeuronView {
  #context;
  #frame;
  #lists;
  #pair;
  #terms = el('div', { class: 'neuron-body' });
  #place = el('div', { class: 'neuron-place' });
  /** @type {{attention: QueryKeyAttention, texts: Texts} | undefined} */
  #document;
  /** The pair that is looked at. */
  #chosen = { query: 0, key: 0 };
  /** The column that arrow keys move in. @type {Side} */
  #side = 'query';

  /** @param {Context} context */
  constructor(context) {
    this.#context = context;
    this.#lists = {
      query: new TokenList('query', { onPick: (query) => this.#choose({ query }), onPoint: () => {} }),
      key: new TokenList('key',
        { onPick: (key) => this.#choose({ key }), onPoint: (key, row) => this.#point(key, row) }),
    };
    this.#pair = new PairPanel(context);
    this.#terms.append(this.#lists.query.element, this.#lists.key.element, this.#pair.element);
    this.#frame = new DocumentFrame(context, {
      name: 'neuron', label: 'Scores term by term',
      hint: 'Arrow keys move, left and right change the column, Escape goes to the strongest key',
      failure: 'The terms of this document cannot be shown.',
      decisive: ['model', 'head', 'doc'], tokensOnly: true, body: [this.#place],
    });
  }

  get element() {
    return this.#frame.element;
  }

  /** @param {Selection} selection */
  show(selection) {
    const { report, state } = this.#context;
    return this.#frame.show(selection, async ({ texts }) => {
      const attention = withVectors(await report.attention(selection.model, selection.head, texts.document));
      return { attention, card: attention ? null : await noVectors(this.#context, selection, texts) };
    }, ({ attention, card }, { texts }) => {
      fill(this.#place, card ?? this.#terms);
      this.#document = attention && { attention, texts };
      if (attention) this.#showTerms(state.get());
      else fill(this.#frame.lede);
      fill(this.#frame.tools, attention && choice('Channels', ELEMENTS, state.get().elements,
        (elements) => state.set({ elements: /** @type {Selection['elements']} */ (elements) }, { push: false })));
    });
  }

  hide() {
    this.#context.tooltip.hide();
  }

  redraw() {
    if (this.#document) this.#showTerms(this.#context.state.get());
  }

  exhibit() {
    const { report, state } = this.#context;
    const head = report.head(state.get().model, state.get().head);
    const table = this.#pair.table();
    if (!this.#document || !head || !table) return undefined;
    return {
      heads: [head], document: this.#document.texts.document,
      words: `${this.#frame.lede.textContent} ${this.#words(this.#chosen.key)}. The keys in sight are below.`,
      figure: () => stack(this.#pair.figure(), lift(this.#lists.key.element, { cut: true })), table: () => table,
    };
  }

  /** @param {KeyboardEvent} event */
  key({ key }) {
    const { state } = this.#context;
    if (!this.#document) return false;
    const { attention } = this.#document;
    if (key === 'ArrowLeft' || key === 'ArrowRight') {
      this.#side = key === 'ArrowLeft' ? 'query' : 'key';
      this.#lists[this.#side].focus();
    } else if (key === 'ArrowUp' || key === 'ArrowDown') {
      const count = this.#side === 'query' ? attention.queries : attention.keys;
      const next = this.#chosen[this.#side] + (key === 'ArrowDown' ? 1 : -1);
      this.#choose({ [this.#side]: Math.min(Math.max(next, 0), count - 1) }, false);
    } else if (key === 'Escape' && state.get().key !== null) state.set({ key: null });
    else return false;
    return true;
  }

  /** Chooses a query or a key. @param {Partial<Record<Side, number>>} pair @param {boolean} [push] */
  #choose(pair, push = true) {
    const { state, announce } = this.#context;
    const { doc, key } = state.get();
    this.#side = pair.key === undefined ? 'query' : 'key';
    const query = pair.query ?? this.#chosen.query;
    state.set({ doc: doc ?? this.#document?.texts.document ?? 0, token: query, side: 'query', key: pair.key ?? key },
      { push });
    announce(this.#words(this.#chosen.key));
  }

  /** @param {Selection} selection */
  #showTerms(selection) {
    if (!this.#document) return;
    const { attention, texts } = this.#document;
    const pair = chosenPair(attention, selection);
    this.#chosen = pair;
    const head = this.#context.report.head(selection.model, selection.head);
    const [q, k] = [attention.query(pair.query), attention.key(pair.key)];
    const terms = pairTerms(attention, q, pair.query, pair.key);
    const order = orderOf(terms.products, selection.elements);
    const names = { query: nameToken(texts.queries, pair.query), key: nameToken(texts.keys, pair.key) };
    this.#say(selection, attention, q.length);
    this.#lists.query.show(texts.queries, pair.query, () => []);
    this.#lists.key.show(texts.keys, pair.key, (key) => this.#besideKey(q, key, order, largestSize(terms.products)));
    this.#pair.show({ ...names, q, k, terms, order, rule: attention.rule, sink: head?.sink ?? null,
      biased: attention.bias !== null });
  }

  /** @param {Selection} selection @param {QueryKeyAttention} attention @param {number} size */
  #say({ head }, { encoding }, size) {
    const bits = Reflect.get(BITS, encoding) ?? 'as floating-point numbers';
    fill(this.#frame.lede, `${head}: `, el('b', { class: 'query' }, 'q'), ' × ', el('b', { class: 'key' }, 'k'),
      ` over ${plural(size, 'channel')}, stored in ${bits}.`);
  }

  /**
   * The products of a key, and its weight.
   * @param {Float64Array} q @param {number} key @param {readonly number[]} order @param {number} top
   */
  #besideKey(q, key, order, top) {
    if (!this.#document) return [];
    const { attention } = this.#document;
    const terms = pairTerms(attention, q, this.#chosen.query, key);
    const { page, ink } = this.#context.theme.colors();
    const strip = el('canvas', { class: 'neuron-strip', 'aria-hidden': 'true' });
    const width = Math.min(Math.max(this.#lists.key.width - STRIP.beside, STRIP.least), STRIP.most);
    strip.style.width = `${width}px`;
    drawBars(strip, { room: { width, height: STRIP.height }, values: terms.products, order, top,
      colors: signColors(page, ink) });
    if (!terms.allowed) strip.classList.add('masked');
    const bar = el('span', { class: 'bar' });
    bar.style.width = `${100 * terms.weight}%`;
    return [strip, el('span', { class: 'neuron-score' }, terms.allowed ? hundredths(terms.score) : ''),
      el('span', { class: 'neuron-weight' }, weightInWords(terms),
        terms.allowed && el('span', { class: 'bar-track' }, bar))];
  }

  /** @param {number | undefined} key @param {DOMRect} row */
  #point(key, row) {
    const { tooltip } = this.#context;
    if (key === undefined) tooltip.hide();
    else tooltip.show(row, this.#words(key));
  }

  /** "she → tried: q·k 12.3, score 2.1, 12.3 %". @param {number} key */
  #words(key) {
    if (!this.#document) return '';
    const { attention, texts } = this.#document;
    const { query } = this.#chosen;
    const terms = pairTerms(attention, attention.query(query), query, key);
    return `${nameToken(texts.queries, query)} → ${nameToken(texts.keys, key)}: q·k ${real(terms.dot)}, score `
      + `${real(terms.score)}, ${weightInWords(terms)}`;
  }
}
