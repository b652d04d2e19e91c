/** The bar above the views: the report, its model, a tab for each view, link, theme and help. */
import { layerRows } from '../state/layout.js';
import { choice, el, fill, icon } from '../parts/element.js';
import { count, plural } from '../parts/numbers.js';
import { createExport } from './export/export.js';
import { isFrameText } from './frame-text.js';
import { createHelp } from './help.js';
import { switchModel } from './model-switch.js';
import { SearchBox } from './search/search-box.js';
import { createSeriesSlider } from './series-slider.js';
import { createShare } from './share.js';
import { createStorySheet } from './story-sheet.js';
import { stackName } from '../parts/stacks.js';
import { tabOf } from '../parts/ways.js';

/** @import { Head } from '../data/types.js' */
/** @import { Selection } from '../state/types.js' */
/** @import { Context, View, ViewDefinition } from '../parts/types.js' */

/**
 * @param {Context} context @param {readonly ViewDefinition[]} definitions
 * @param {{viewNow: () => View | undefined, onTour: () => void}} shell
 */
export function createBar(context, definitions, { viewNow, onTour }) {
  const { report, state, theme } = context;
  const help = createHelp(definitions, onTour);
  const search = new SearchBox(context);
  const exporting = createExport(context, viewNow);
  // A tab leads to the way in which its view was seen last.
  /** @type {Map<string, string>} */
  const lastWays = new Map();
  const tabs = definitions.filter((definition) => tabOf(definition) === definition.name)
    .map(({ name, title }) => el('a', {
      class: 'tab', 'data-view': name, onclick: /** @param {MouseEvent} event */ (event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        state.set({ view: lastWays.get(name) ?? name });
      },
    }, title));
  const shared = {
    link: () => state.link(),
    embedded: () => window.location.href.split('#')[0] + state.hash({ embed: true }),
    title: () => `${state.get().head} · ${report.manifest.title}`,
    announce: context.announce,
  };
  const model = el('div', { class: 'model' });
  const slider = createSeriesSlider(context);
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
    el('h1', { class: 'title' }, el('bdi', {}, report.manifest.title)), model, slider.element,
    el('nav', { class: 'tabs', 'aria-label': 'Views' }, ...tabs), el('span', { class: 'spacer' }),
    ...report.manifest.files?.['story.html'] ? [el('a', { class: 'tool', href: 'story.html' }, 'Story')]
      : createStorySheet(),
    search.element, exporting.element, isFrameText() ? '' : createShare(shared), mode,
    help.button, help.dialog);
  let modelName = '';

  return {
    element,
    help,
    search,
    exporting,
    /** @param {Selection} selection */
    show(selection) {
      void search.show(selection);
      const definition = definitions.find(({ name }) => name === selection.view);
      if (definition) lastWays.set(tabOf(definition), definition.name);
      for (const tab of tabs) {
        const view = tab.dataset.view ?? '';
        tab.href = state.hash({ view: lastWays.get(view) ?? view });
        if (definition && view === tabOf(definition)) tab.setAttribute('aria-current', 'page');
        else tab.removeAttribute('aria-current');
      }
      slider.show(selection);
      if (modelName === selection.model) return;
      modelName = selection.model;
      fill(model, ...modelParts(context, selection));
      model.classList.toggle('several', report.models.length > 1);
    },
  };
}

/** @param {Context} context @param {Selection} selection */
function modelParts(context, selection) {
  const { report } = context;
  const model = report.model(selection.model);
  if (!model) return [];
  const size = el('span', { class: 'quiet' }, shape(report.heads(model.name)));
  if (report.models.length === 1) return [el('b', {}, model.title), ' ', size];
  const options = report.models.map(({ name, title }) => ({ value: name, text: title }));
  return [choice('Model', options, model.name, (name) => void switchModel(context, name)), ' ', size];
}

/**
 * "6 layers × 12 heads", or "1 of 4 layers" where others have no attention or are left out; the number of heads where
 * layers differ, and the stacks where there are several.
 * @param {readonly Head[]} heads
 */
function shape(heads) {
  const rows = layerRows(heads);
  const stacks = [...new Set(rows.map(({ stack }) => stack))];
  if (stacks.length > 3) return `${plural(heads.length, 'head')} in ${plural(stacks.length, 'stack')}`;
  if (stacks.length > 1) {
    return `${plural(heads.length, 'head')}: ${stacks.map((name) => stackName(name).toLowerCase()).join(', ')}`;
  }
  const widths = new Set(rows.map((row) => row.heads.length));
  const all = rows[0].heads[0].stackInfo.layers;
  const layers = rows.length < all ? `${count(rows.length)} of ${plural(all, 'layer')}` : plural(rows.length, 'layer');
  return widths.size === 1
    ? `${layers} × ${plural(rows[0].heads.length, 'head')}` : plural(heads.length, 'head');
}
