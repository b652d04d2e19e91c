/** The frame around the views: the bar above, the inspector beside, the status below. */
import { layerRows } from '../state/layout.js';
import { VIEWS, writeSelection } from '../state/selection.js';
import { choice, el, fill, icon } from '../parts/element.js';
import { plural } from '../parts/numbers.js';
import { createHelp } from './help.js';
import { switchModel } from './model-switch.js';
import { createShare } from './share.js';
import { stackName } from '../parts/stacks.js';

/** @import { Head } from '../data/types.js' */
/** @import { Selection, ViewName } from '../state/types.js' */
/** @import { Context } from '../parts/types.js' */

/** @type {Record<ViewName, string>} */
const TITLES = { atlas: 'Atlas', head: 'Head', document: 'Document', heads: 'Heads' };

/** @param {Context} context */
export function createBar(context) {
  const { report, state, theme } = context;
  const help = createHelp();
  const tabs = VIEWS.map((view) => el('a', {
    class: 'tab', 'data-view': view, onclick: /** @param {MouseEvent} event */ (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      state.set({ view });
    },
  }, TITLES[view]));
  const model = el('div', { class: 'model' });
  const mode = el('button', { type: 'button', class: 'tool square', onclick: () => {
    theme.cycle();
    showMode();
  } });
  const showMode = () => {
    const text = `Theme: ${theme.mode() === 'auto' ? 'as the system' : theme.mode()}`;
    mode.title = text;
    mode.setAttribute('aria-label', text);
    fill(mode, icon(theme.mode()));
  };
  showMode();
  const element = el('header', { class: 'topbar' },
    el('h1', { class: 'title' }, el('bdi', {}, report.manifest.title)), model,
    el('nav', { class: 'tabs', 'aria-label': 'Views' }, ...tabs), el('span', { class: 'spacer' }),
    createShare(() => state.link(), context.announce), mode, help.button, help.dialog);
  let shown = '';

  return {
    element,
    help,
    /** @param {Selection} selection */
    show(selection) {
      for (const tab of tabs) {
        const view = /** @type {ViewName} */ (tab.dataset.view);
        tab.href = writeSelection({ ...selection, view }, report, true);
        if (view === selection.view) tab.setAttribute('aria-current', 'page');
        else tab.removeAttribute('aria-current');
      }
      if (shown === selection.model) return;
      shown = selection.model;
      fill(model, ...modelParts(context, selection));
      model.classList.toggle('several', report.models.length > 1);
    },
  };
}

/** @param {Context} context @param {Selection} selection */
function modelParts(context, selection) {
  const { report } = context;
  const found = report.model(selection.model);
  if (!found) return [];
  const size = el('span', { class: 'quiet' }, shape(report.heads(found.name)));
  if (report.models.length === 1) return [el('b', {}, found.title), ' ', size];
  const options = report.models.map(({ name, title }) => ({ value: name, text: title }));
  return [choice('Model', options, found.name, (name) => void switchModel(context, name)), ' ', size];
}

/** "6 layers × 12 heads"; the number of heads where layers differ, and the stacks where there are several. @param {readonly Head[]} heads */
function shape(heads) {
  const rows = layerRows(heads);
  const stacks = [...new Set(rows.map(({ stack }) => stack))];
  if (stacks.length > 3) return `${plural(heads.length, 'head')} in ${plural(stacks.length, 'stack')}`;
  if (stacks.length > 1) return `${plural(heads.length, 'head')}: ${stacks.map((name) => stackName(name).toLowerCase()).join(', ')}`;
  const widths = new Set(rows.map((row) => row.heads.length));
  return widths.size === 1 ? `${plural(rows.length, 'layer')} × ${plural(rows[0].heads.length, 'head')}` : plural(heads.length, 'head');
}
