/** Every head's map at once: layers down, heads across, painted from one small file. */
import { emptyCloud, weave } from '../../draw/cloud.js';
import { emphasise, makePalette } from '../../draw/palette.js';
import { flatView } from '../../draw/project.js';
import { suitsAtlas } from '../../state/colors.js';
import { layerRows } from '../../state/layout.js';
import { createAtlasGrid } from './grid.js';
import { barLegend, setBars } from './bars.js';
import { colorChoice, createLegend } from '../../parts/color/legend.js';
import { BY_KIND, loadColoring, paintCloud } from '../../parts/color/coloring.js';
import { choice, el, fill } from '../../parts/element.js';
import { problemCard } from '../../parts/problem.js';
import { hasMap, whyNoMap } from '../../parts/mapless.js';

/** @import { Cloud, Panel } from '../../draw/types.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Context, View } from '../../parts/types.js' */

/** Square pixels of a cell for each of its points. */
const POINT_ROOM = 9;

/** @typedef {{cloud: Cloud, ranges: Map<string, {first: number, count: number}>}} Painted */

/** @param {Context} context @returns {View} */
export function createAtlas(context) {
  const { report, state, stage, theme } = context;
  const grid = createAtlasGrid(context);
  const tools = el('div', { class: 'tools' });
  const lede = el('p', { class: 'lede' });
  const legend = createLegend((slot) => {
    pointed = slot;
    draw();
  });
  const problem = el('div', { class: 'problem-place' });
  const element = el('section', { class: 'view atlas', 'aria-label': 'Atlas: the map of every head' },
    el('div', { class: 'toolbar' }, lede, tools, legend.long), problem, grid.element);
  /** @type {Map<string, Promise<Painted>>} */
  const painted = new Map();
  /** @type {Painted | undefined} */
  let shown;
  let shownModel = '';
  let painting = BY_KIND;
  /** The palette slot that stands out; −1: all do. */
  let pointed = -1;

  const palette = () =>
    emphasise(makePalette(theme.colors(), painting.own(theme.colors())), pointed, theme.colors().page);

  /** @param {string} model */
  const load = (model) => {
    let promise = painted.get(model);
    if (!promise) {
      promise = report.overview(model).then(paintOverview);
      painted.set(model, promise);
      promise.catch(() => painted.delete(model));
    }
    return promise;
  };

  const draw = () => {
    if (!shown || !element.isConnected || stage.element.parentElement !== grid.element.firstElementChild) return;
    const { width, height, cells } = grid.measure();
    stage.resize(width, height);
    const { cloud, ranges } = shown;
    /** @type {Panel[]} */
    const panels = [];
    for (const { id, rect } of cells) {
      const range = ranges.get(id);
      if (!range) continue;
      const radius = Math.min(Math.max(rect.width / 78, 0.7), 1.6);
      // A small cell shows a prefix, which is a fair sample: more would only fill it.
      const count = Math.min(range.count, Math.max(300, Math.round((rect.width * rect.height) / POINT_ROOM)));
      // Points on the rim are shown whole.
      const margin = (2 * radius) / rect.width;
      const window = { x: -margin, y: -margin, width: 1 + 2 * margin, height: 1 + 2 * margin };
      panels.push({ cloud, first: range.first, count, rect, view: flatView(window), radius, alpha: 0.72 });
    }
    stage.draw({ panels, palette: palette() });
  };
  grid.onResize(draw);

  /** @param {Selection} selection */
  const describe = (selection) => {
    const model = report.model(selection.model);
    if (!model) return;
    const shown = model.maps.find(({ id }) => id === model.overview.map);
    const map = `${shown?.title ?? model.overview.map}${shown?.dimensions === 3 ? ', seen from the front' : ''}`;
    const heads = report.heads(model.name);
    const mapped = heads.some((head) => hasMap(head, model.overview.map));
    const point = model.axes.every(({ kind }) => kind !== 'text') ? 'patch' : 'token';
    if (mapped) {
      fill(lede, `Every head at once: each point is a ${point}, as `, el('b', { class: 'query' }, 'query'), ' or as ',
        el('b', { class: 'key' }, 'key'), ` (${map}).`);
    }
    else fill(lede, `${whyNoMap(model, heads[0], 'the heads’')} There are no maps; open a head for its figures and its attention.`);
    legend.clear();
    fill(tools, mapped && legend.short, ...(mapped ? colorChoice(context, selection, suitsAtlas) : []),
      barLegend(model, report.heads(model.name), selection.bar),
      choice('Bar', model.statistics.map(({ name, title }) => ({ value: name, text: title })), selection.bar,
        (bar) => state.set({ bar }, { push: false })));
  };

  /**
   * Colours the points; false where another selection came in between.
   * @param {Selection} selection
   * @param {Painted} next
   */
  async function paint(selection, next) {
    const color = suitsAtlas(selection.color) ? selection.color : 'kind';
    const heads = report.heads(selection.model).filter(({ id }) => next.ranges.has(id));
    /** @type {Error | undefined} */
    let fault;
    const coloring = await loadColoring(context, { model: selection.model, color }, heads,
      { goOn: () => true, progress: legend.wait }).catch((error) => {
      fault = error;
      return BY_KIND;
    });
    if (state.get() !== selection || !coloring) return false;
    if (painting !== coloring || shown !== next) {
      paintCloud(coloring, next.cloud,
        heads.map((head) => [head, /** @type {{first: number, count: number}} */ (next.ranges.get(head.id))]));
      painting = coloring;
      pointed = -1;
    }
    if (fault) legend.fail(fault);
    else legend.show(coloring, theme.colors());
    return true;
  }

  return {
    element,
    async show(selection) {
      grid.build(selection.model, layerRows(report.heads(selection.model)));
      grid.element.firstElementChild?.prepend(stage.element);
      grid.select(selection.head);
      describe(selection);
      setBars(grid.bars(), report, selection);
      context.hint('Arrow keys move, Enter opens a head');
      if (shownModel !== selection.model) {
        shown = undefined;
        stage.draw({ panels: [], palette: palette() });
      }
      grid.element.classList.toggle('loading', !shown);
      const next = await load(selection.model).catch((error) => {
        fill(problem, problemCard(error, 'The atlas cannot be drawn. Heads can still be opened.'));
        throw error;
      }).finally(() => grid.element.classList.remove('loading'));
      fill(problem);
      if (state.get().view !== 'atlas' || state.get().model !== selection.model) return;
      if (!await paint(selection, next)) return;
      shown = next;
      shownModel = selection.model;
      draw();
    },
    hide() {
      context.tooltip.hide();
      // The card's memory is for the view that is seen; coming back takes one upload.
      stage.draw({ panels: [], palette: palette() });
      if (shown) stage.release(shown.cloud);
    },
    redraw() {
      if (shown) legend.show(painting, theme.colors());
      draw();
    },
    key: (event) => grid.key(event),
  };
}

/**
 * One cloud for all heads.
 * @param {import('../../data/types.js').Overview[]} heads
 * @returns {Painted}
 */
function paintOverview(heads) {
  const total = heads.reduce((sum, head) => sum + (head.queries.length + head.keys.length) / 2, 0);
  const cloud = emptyCloud(total, false);
  /** @type {Painted['ranges']} */
  const ranges = new Map();
  let first = 0;
  for (const head of heads) {
    const count = weave(cloud, first, head.queries, head.keys);
    ranges.set(head.id, { first, count });
    first += count;
  }
  return { cloud, ranges };
}
