/** All heads of the model in one table or as points: sorted, filtered, compared, exported. */
import { hasLabel, readFilter } from '../../state/heads-filter.js';
import { sortHeads } from '../../state/heads-order.js';
import { el, fill } from '../../parts/element.js';
import { count, plural } from '../../parts/numbers.js';
import { createColumnsMenu } from './columns.js';
import { saveHeads } from './export.js';
import { createLabelChips } from './label-chips.js';
import { createHeadsPoints } from './points.js';
import { createPointsTools } from './points-tools.js';
import { createShownTabs } from './shown.js';
import { createHeadsTable } from './table.js';

/** @import { Model } from '../../data/types.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Context, Head, View } from '../../parts/types.js' */

/** Typing is followed after so long a pause. */
const PAUSE_MS = 150;

/** @param {Context} context @returns {View} */
export function createHeads(context) {
  const { report, state, tooltip } = context;
  const lede = el('p', { class: 'lede', 'aria-live': 'polite' });
  const fault = el('p', { class: 'filter-fault caution', id: 'filter-fault', role: 'alert', hidden: true });
  const filter = el('input', {
    type: 'search', class: 'heads-filter', placeholder: 'L3, entropy > 2, previous > 50%',
    'aria-label': 'Filter heads by name or statistic',
    title: 'Names such as L3 or cross, and conditions on any statistic with >, <, ≥, ≤ or =; several with commas '
      + 'between. Shares as 0.5 or 50%.',
    'aria-describedby': 'filter-fault', spellcheck: false, autocomplete: 'off', oninput: () => follow(),
  });
  const columns = createColumnsMenu(state);
  const chips = createLabelChips(state);
  const table = createHeadsTable(context);
  const points = createHeadsPoints(context);
  const pointsTools = createPointsTools(context);
  const tabs = createShownTabs(state);
  const save = el('button',
    { type: 'button', class: 'chip',
      'data-tip': 'The rows shown, with every column and all digits, as comma-separated values',
      onclick: () => exportShown() }, 'Export CSV');
  const empty = el('div', { class: 'problem-place' });
  const element = el('section', { class: 'view heads', 'aria-label': 'Table of all heads' },
    el('div', { class: 'toolbar' }, tabs.element, lede, el('div', { class: 'tools' }, filter, columns.element, save)),
    chips.element, fault, pointsTools.element, empty, table.element, points.element);
  /** @type {readonly Head[]} */
  let shown = [];
  let typing = 0;
  let visible = false;
  let returned = false;

  function follow() {
    clearTimeout(typing);
    typing = setTimeout(() => state.set({ filter: filter.value.trim() }, { push: false }), PAUSE_MS);
  }
  function exportShown() {
    const model = report.model(state.get().model);
    if (model) saveHeads(model, shown);
  }
  const clear = () => {
    filter.value = '';
    state.set({ filter: '', labels: '' }, { push: false });
    filter.focus();
  };

  /** @param {Model} model @param {Selection} selection */
  function describe(model, selection) {
    const all = report.heads(model.name).length;
    const narrowed = selection.filter !== '' || selection.labels !== '';
    fill(lede, narrowed ? `${count(shown.length)} of ${plural(all, 'head')}` : plural(all, 'head'));
    fill(empty, shown.length === 0 && el('div', { class: 'problem plain' }, el('b', {}, 'No head fits.'),
      selection.filter !== ''
        && el('p', {},
          'Conditions look like “entropy > 2” or “previous > 50%”, with names as under Columns; without %, shares go '
            + 'from 0 to 1.'),
      el('button', { type: 'button', class: 'link-button', onclick: clear }, 'Show all heads')));
    table.element.hidden = shown.length === 0 || selection.show !== 'table';
    points.element.hidden = shown.length === 0 || selection.show === 'table';
    columns.element.hidden = selection.show !== 'table';
    save.disabled = shown.length === 0;
  }

  return {
    element,
    async show(selection) {
      const model = report.model(selection.model);
      if (!model) return;
      context.hint(selection.show === 'table'
        ? 'Press a heading to sort; up and down go from head to head, Enter opens a map'
        : 'Arrow keys go from head to head, Enter opens its map');
      if (document.activeElement !== filter) filter.value = selection.filter;
      const { fits, faults } = readFilter(selection.filter, model);
      fill(fault, faults.join(' '));
      fault.hidden = faults.length === 0;
      const all = report.heads(model.name);
      shown = sortHeads(all.filter((head) => fits(head) && hasLabel(selection.labels, head)), selection.sort, model);
      columns.show(model, selection);
      chips.show(model, all, selection);
      tabs.show(model, selection);
      describe(model, selection);
      if (selection.show === 'table') {
        table.show(model, shown, selection);
        // Who comes back finds the row again; who opens a sorted table is to see how it begins.
        if (!visible && (returned || selection.sort === '')) table.reveal();
      } else points.show(model, shown, selection);
      pointsTools.show(model, selection, points.placed());
      visible = selection.show === 'table';
    },
    hide() {
      visible = false;
      returned = true;
      tooltip.hide();
    },
    redraw() {
      const model = report.model(state.get().model);
      points.redraw();
      if (model) pointsTools.show(model, state.get(), points.placed());
    },
    key: (event) => (state.get().show === 'table' ? table : points).key(event),
  };
}
