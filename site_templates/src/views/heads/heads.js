/** All heads of the model in one table or as points: sorted, filtered, compared, exported. */
import { hasLabel, readFilter } from '../../state/heads-filter.js';
import { sortHeads } from '../../state/heads-order.js';
import { el, fill } from '../../parts/element.js';
import { stack } from '../../parts/figure/compose.js';
import { lift } from '../../parts/figure/lift.js';
import { headsTable } from '../../parts/heads-table.js';
import { count, plural } from '../../parts/numbers.js';
import { createColumnsMenu } from './columns-menu.js';
import { createFilter } from './filter.js';
import { createLabelChips } from '../../parts/label-chips.js';
import { createPointsTools } from './points-tools.js';
import { HeadsPoints } from './points.js';
import { createWays } from './ways.js';
import { HeadsTable } from './table.js';

/** @import { Model } from '../../data/types.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Exhibit } from '../../parts/figure/types.js' */
/** @import { Context, Head, View } from '../../parts/types.js' */

const HINTS = {
  table: 'Press a heading to sort; up and down go from head to head, Enter opens a map',
  points: 'Arrow keys go from head to head, Enter opens its map',
};

/** @implements {View} */
export class HeadsView {
  #context;
  #filter;
  #columns;
  #chips;
  #ways;
  #table;
  #points;
  #pointsTools;
  #lede = el('p', { class: 'lede', 'aria-live': 'polite' });
  #empty = el('div', { class: 'problem-place' });
  /** Those that the filters let through, in order. @type {readonly Head[]} */
  #heads = [];
  /** Whether the table is seen, and whether the view was left before. */
  #tableSeen = false;
  #returned = false;

  /** @param {Context} context */
  constructor(context) {
    const { state } = context;
    this.#context = context;
    this.#filter = createFilter(state);
    this.#columns = createColumnsMenu(state);
    this.#chips = createLabelChips(state);
    this.#ways = createWays(state);
    this.#table = new HeadsTable(context);
    this.#points = new HeadsPoints(context);
    this.#pointsTools = createPointsTools(context);
    const tools = el('div', { class: 'tools' }, this.#filter.field, this.#columns.element);
    this.element = el('section', { class: 'view heads', 'aria-label': 'Table of all heads' },
      el('div', { class: 'toolbar' }, this.#ways.element, this.#lede, tools),
      this.#chips.element, this.#filter.fault, this.#pointsTools.element, this.#empty,
      this.#table.element, this.#points.element);
  }

  /** @param {Selection} selection */
  async show(selection) {
    const { report, hint } = this.#context;
    const model = report.model(selection.model);
    if (!model) return;
    const all = report.heads(model.name);
    const { fits, faults } = readFilter(selection.filter, model);
    const fitting = all.filter((head) => fits(head) && hasLabel(selection.labels, head));
    this.#heads = sortHeads(fitting, selection.sort, model);

    hint(selection.show === 'table' ? HINTS.table : HINTS.points);
    this.#filter.show(selection, faults);
    this.#columns.show(model, selection);
    this.#chips.show(model, all, selection);
    this.#ways.show(model, selection);
    this.#describe(all.length, selection);
    this.#showHeads(model, selection);
  }

  hide() {
    this.#tableSeen = false;
    this.#returned = true;
    this.#context.tooltip.hide();
  }

  redraw() {
    const { report, state } = this.#context;
    const model = report.model(state.get().model);
    this.#points.redraw();
    if (model) this.#pointsTools.show(model, state.get(), this.#points.points);
  }

  /** @returns {Exhibit | undefined} */
  exhibit() {
    const { report, state } = this.#context;
    const model = report.model(state.get().model);
    if (!model || this.#heads.length === 0) return undefined;
    const tabular = state.get().show === 'table';
    return {
      heads: this.#heads, words: tabular ? '' : this.#pointsTools.words.textContent ?? '',
      figure: () => (tabular ? stack(lift(this.#table.table))
        : stack(lift(this.#pointsTools.legend), lift(this.#points.element))),
      table: () => headsTable(model, this.#heads),
    };
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    return (this.#context.state.get().show === 'table' ? this.#table : this.#points).key(event);
  }

  /** @param {Model} model @param {Selection} selection */
  #showHeads(model, selection) {
    const asTable = selection.show === 'table';
    if (asTable) {
      this.#table.show(model, this.#heads, selection);
      // Who comes back finds the row again; who opens a sorted table is to see how it begins.
      if (!this.#tableSeen && (this.#returned || selection.sort === '')) this.#table.reveal();
    } else this.#points.show(model, this.#heads, selection);
    this.#pointsTools.show(model, selection, this.#points.points);
    this.#tableSeen = asTable;
  }

  /** How many heads there are, and what is seen of them. @param {number} all @param {Selection} selection */
  #describe(all, { filter, labels, show }) {
    const fitting = this.#heads.length;
    const narrowed = filter !== '' || labels !== '';
    fill(this.#lede, narrowed ? `${count(fitting)} of ${plural(all, 'head')}` : plural(all, 'head'));
    fill(this.#empty, fitting === 0 && emptyCard(filter, () => this.#filter.clear()));
    this.#table.element.hidden = fitting === 0 || show !== 'table';
    this.#points.element.hidden = fitting === 0 || show === 'table';
    this.#columns.element.hidden = show !== 'table';
  }
}

/**
 * What stands in place of heads where the filters let none through.
 * @param {string} filter
 * @param {() => void} onClear
 */
function emptyCard(filter, onClear) {
  return el('div', { class: 'problem plain' }, el('b', {}, 'No head fits.'),
    filter !== '' && el('p', {}, 'Conditions look like “entropy > 2” or “previous > 50%”, with names as under Columns; '
      + 'without %, shares go from 0 to 1.'),
    el('button', { type: 'button', class: 'link-button', onclick: onClear }, 'Show all heads'));
}
