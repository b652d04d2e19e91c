/** Two heads, two documents or two models side by side, with one cursor, and their difference. */
import { makeHeat } from '../../draw/heat.js';
import { categories } from '../../draw/palette.js';
import { DocumentFrame } from '../../parts/document-frame.js';
import { el, fill } from '../../parts/element.js';
import { createHideSwitch } from '../../parts/left-out.js';
import { MatrixSurface } from '../../parts/matrix/surface.js';
import { tokenFlags } from '../../parts/token-flags.js';
import { compareExhibit } from './exhibit.js';
import { createPartnerTools } from './partner-tools.js';
import { cellInWords, rowTable } from './row-table.js';
import { contentOf, counterpart, differenceOf, loadPair } from './sides.js';

/** @import { Selection } from '../../state/types.js' */
/** @import { Cell } from '../../parts/matrix/surface.js' */
/** @import { Context, View } from '../../parts/types.js' */
/** @import { Compared } from './sides.js' */

/** @typedef {'first' | 'second' | 'difference'} Name */
/** @type {readonly Name[]} */
const NAMES = ['first', 'second', 'difference'];

/** @implements {View} */
export class CompareView {
  #context;
  #frame;
  #tools;
  #hideSwitch;
  /** @type {Record<Name, MatrixSurface>} */
  #surfaces;
  /** @type {Record<Name, HTMLElement>} */
  #titles = { first: el('h3', {}), second: el('h3', {}), difference: el('h3', {}, 'Difference') };
  #figures;
  #table = el('div', { class: 'compared-table' });
  /** @type {{first: Compared, second: Compared, apart: string} | undefined} */
  #pair;
  #place = '';

  /** @param {Context} context */
  constructor(context) {
    this.#context = context;
    this.#tools = createPartnerTools(context);
    this.#hideSwitch = createHideSwitch(context.state);
    this.#surfaces = { first: this.#surface('first'), second: this.#surface('second'),
      difference: this.#surface('difference') };
    this.#figures = { first: this.#figure('first'), second: this.#figure('second'),
      difference: this.#figure('difference') };
    const body = el('div', { class: 'compared' },
      el('div', { class: 'compared-figures' }, ...Object.values(this.#figures)), this.#table);
    this.#frame = new DocumentFrame(context, {
      name: 'compare', label: 'Two side by side',
      hint: 'Point at a cell for its numbers in both, arrow keys move the cursor, click pins the query',
      failure: 'The two cannot be compared.',
      decisive: ['model', 'head', 'doc', 'words', 'hide', 'with'],
      above: [this.#tools.element], body: [body],
    });
  }

  get element() {
    return this.#frame.element;
  }

  /** @param {Selection} selection */
  show(selection) {
    return this.#frame.show(selection, ({ texts }) => loadPair(this.#context, selection, texts),
      async (pair, { loaded }) => {
        fill(this.#frame.tools, ...tokenFlags(this.#context.state, selection, loaded,
          { hideSwitch: this.#hideSwitch, leftOut: pair.leftOut }));
        this.#hideSwitch.show(selection, pair.canHide);
        await this.#showPair(pair, selection);
      });
  }

  hide() {
    this.#context.tooltip.hide();
  }

  redraw() {
    for (const name of NAMES) this.#surfaces[name].repaint();
  }

  exhibit() {
    const { report } = this.#context;
    const pair = this.#pair;
    const body = this.#surfaces.first.element;
    if (!pair || !body.checkVisibility()) return undefined;
    const heads = [pair.first, pair.second].flatMap(({ place }) => report.head(place.model, place.head) ?? []);
    const names = NAMES.filter((name) => !this.#figures[name].hidden);
    return compareExhibit({ pair, heads, words: this.#frame.lede.textContent ?? '',
      figures: names.map((name) => ({ title: this.#titles[name], surface: this.#surfaces[name] })) });
  }

  /** @param {KeyboardEvent} event */
  key({ key }) {
    const { announce, state } = this.#context;
    const cell = this.#surfaces.first.key(key);
    if (typeof cell === 'object') {
      this.#point('first', cell);
      announce(this.#words('first', cell));
    } else if (!cell) {
      if (key === 'Enter' && this.#surfaces.first.cell) this.#pin('first', this.#surfaces.first.cell);
      else if (key === 'Escape' && state.get().token !== null) state.set({ token: null });
      else return false;
    }
    return true;
  }

  /** @param {Name} name */
  #surface(name) {
    return new MatrixSurface({
      colors: () => this.#colors(name),
      onPoint: (cell) => this.#point(name, cell),
      onPick: (cell) => this.#pin(name, cell),
      onPaint: (largest) => this.#share(name, largest),
      onLook: (viewport) => {
        if (this.#pair?.apart !== '') return;
        for (const other of NAMES) if (other !== name) this.#surfaces[other].look(viewport);
      },
    });
  }

  /** @param {Name} name */
  #figure(name) {
    return el('figure', { class: `compared-figure ${name}` }, el('figcaption', {}, this.#titles[name]),
      this.#surfaces[name].element);
  }

  /** @param {Name} name */
  #colors(name) {
    const { heat, page, ink } = this.#context.theme.colors();
    if (name !== 'difference') return { heat, ink };
    const [above, below] = categories(page);
    return { heat: makeHeat(page, above, ink), below: makeHeat(page, below, ink), ink };
  }

  /** Both sides have one scale. @param {Name} name @param {number} largest */
  #share(name, largest) {
    const other = this.#surfaces[name === 'first' ? 'second' : 'first'];
    if (name === 'difference' || largest <= other.top) return;
    other.top = largest;
    other.repaint();
  }

  /** @param {{first: Compared, second: Compared, apart: string}} pair @param {Selection} selection */
  async #showPair(pair, selection) {
    this.#pair = pair;
    const { first, second, apart } = pair;
    this.#tools.show(first.place, second.place);
    fill(this.#titles.first, first.title);
    fill(this.#titles.second, second.title);
    fill(this.#frame.lede, `${first.title} and ${second.title}, in one scale. `,
      apart || `The difference is ${first.title} minus ${second.title}.`);
    const labels = { first: first.title, second: second.title, difference: 'Difference' };
    for (const name of NAMES) {
      this.#surfaces[name].element.setAttribute('aria-label', `${labels[name]}. Arrow keys read its cells.`);
    }
    this.#figures.difference.hidden = apart !== '';
    const pinned = this.#frame.pinned(selection);
    const row = pinned ? Math.max(0, first.order[pinned.side].indexOf(pinned.token)) : 0;
    const column = this.#surfaces.first.cell?.column ?? 0;
    const cell = { row, column: Math.min(column, first.order.key.length - 1) };
    const place = JSON.stringify([first.place.doc, second.place.doc, first.place.model, second.place.model]);
    const again = place !== this.#place;
    this.#place = place;
    for (const name of NAMES) this.#surfaces[name].top = 0;
    await Promise.all([
      this.#surfaces.first.show(contentOf(first), { again, cell }),
      this.#surfaces.second.show(contentOf(second), { again, cell: this.#across(cell) }),
      apart ? undefined : this.#surfaces.difference.show(differenceOf(first, second), { again, cell }),
    ]);
    this.#mark('first', cell);
    if (selection.hide) {
      this.#hideSwitch.say(undefined,
        [first, second].map(({ title, shares }) => ({ id: title, share: shares.meanLeftOut() })));
    }
  }

  /** A cell of the first on the second, or back. @param {Cell} cell @param {boolean} [back] @returns {Cell} */
  #across({ row, column }, back = false) {
    if (!this.#pair || this.#pair.apart === '') return { row, column };
    const { first, second } = this.#pair;
    const [from, to] = back ? [second, first] : [first, second];
    return { row: counterpart(from, to, 'query', row), column: counterpart(from, to, 'key', column) };
  }

  /** Puts every cursor at a cell of one. @param {Name} name @param {Cell} cell */
  #mark(name, cell) {
    const first = name === 'second' ? this.#across(cell, true) : cell;
    const second = name === 'second' ? cell : this.#across(first);
    const cells = { first, second, difference: first };
    for (const each of NAMES) {
      this.#surfaces[each].cell = cells[each];
      this.#surfaces[each].mark(cells[each]);
    }
    this.#fillTable(first.row);
    return { first, second };
  }

  /** @param {Name} name @param {Cell | undefined} cell undefined: the cursor stays where it is */
  #point(name, cell) {
    const { tooltip } = this.#context;
    if (!cell) return tooltip.hide();
    this.#mark(name, cell);
    return tooltip.show(this.#surfaces[name].corner(cell), this.#words(name, cell));
  }

  /** @param {number} row of the first */
  #fillTable(row) {
    const pair = this.#pair;
    if (!pair || pair.apart) return fill(this.#table);
    const { first, second } = pair;
    const { rowName, columnName } = contentOf(first);
    return fill(this.#table, rowTable({ query: rowName(row), titles: [first.title, second.title], keyName: columnName },
      first.row(row), second.row(row)));
  }

  /** @param {Name} name @param {Cell} cell */
  #words(name, cell) {
    if (!this.#pair) return '';
    const here = name === 'second' ? this.#across(cell, true) : cell;
    return cellInWords(this.#pair, here, name === 'second' ? cell : this.#across(here));
  }

  /** @param {Name} name @param {Cell} cell */
  #pin(name, cell) {
    const { first } = this.#mark(name, cell);
    const query = this.#pair?.first.order.query[first.row];
    if (query !== undefined) this.#frame.pin('query', query);
  }
}
