/** Every head's map at once: layers down, heads across, painted from one small file. */
import { emphasise, makePalette } from '../../draw/palette.js';
import { suitsAtlas } from '../../state/colors.js';
import { BY_KIND, loadColoring, paintCloud } from '../../parts/color/coloring.js';
import { colorChoice } from '../../parts/color/color-choice.js';
import { createLegend } from '../../parts/color/legend.js';
import { isComposed } from '../../parts/composed.js';
import { choice, el, fill } from '../../parts/element.js';
import { createHideSwitch } from '../../parts/left-out.js';
import { createLabelChips } from '../../parts/label-chips.js';
import { createWays } from '../../parts/ways.js';
import { hasLabel } from '../../state/heads-filter.js';
import { hasMap, whyNoMap } from '../../parts/mapless.js';
import { makeBreath, Overtaken } from '../../parts/aggregate-progress.js';
import { count, plural } from '../../parts/numbers.js';
import { problemCard } from '../../parts/problem.js';
import { barLegend, setBars } from './bars.js';
import { createBesideSwitch, createModelMarks, modelsShown, pointsOf, sameMarks } from './beside.js';
import { blocksOf } from './cells.js';
import { AtlasGrid } from './grid.js';
import { createLinkSwitch } from './link-switch.js';
import { leftOutPoints, litPoints, overviewPanels, weaveOverview } from './overview.js';

/** @import { Model, Overview } from '../../data/types.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Hits } from '../../parts/search/hits.js' */
/** @import { ModelMarks } from './beside.js' */
/** @import { Context, Head, View } from '../../parts/types.js' */
/** @import { OverviewCloud } from './overview.js' */

/** @implements {View} */
export class Atlas {
  #context;
  #grid;
  #marking;
  #ways;
  #labels;
  #hideSwitch;
  #besideSwitch;
  #linkSwitch;
  #labelWords = el('span');
  #legend;
  #lede = el('p', { class: 'lede' });
  #tools = el('div', { class: 'tools' });
  #problem = el('div', { class: 'problem-place' });
  /** What is on the stage, and whose it is. @type {OverviewCloud | undefined} */
  #overview;
  /** @type {readonly string[]} */
  #models = [];
  /** @type {ModelMarks} */
  #marks = new Map();
  #hitWords = el('span', { class: 'found' });
  #coloring = BY_KIND;
  /** Loaded where the report says how heads are composed. @type {import('./links.js').HeadLinks | undefined} */
  #links;
  #linkPlace = el('div', { class: 'link-place', hidden: true });
  /** Loaded when it is first needed. @type {typeof import('./exhibit.js') | undefined} */
  #exhibits;
  /** The palette slot that stands out; −1: all do. */
  #slot = -1;

  /** @param {Context} context */
  constructor(context) {
    this.#context = context;
    this.#grid = new AtlasGrid(context);
    this.#grid.onResize = () => {
      this.#draw();
      this.#links?.draw();
    };
    this.#grid.onPoint = (cell) => {
      if (!this.#linkPlace.hidden) this.#links?.point(cell?.model, cell?.head);
    };
    this.#marking = createModelMarks(context);
    this.#ways = createWays(context, 'atlas');
    this.#labels = createLabelChips(context.state);
    this.#hideSwitch = createHideSwitch(context.state);
    this.#besideSwitch = createBesideSwitch(context.state, context.report);
    this.#linkSwitch = createLinkSwitch(context.state);
    this.#legend = createLegend((slot) => {
      this.#slot = slot;
      this.#draw();
    });
    this.element = el('section', { class: 'view atlas', 'aria-label': 'Atlas: the map of every head' },
      el('div', { class: 'toolbar' }, this.#lede, this.#tools, this.#legend.long),
      el('div', { class: 'atlas-filter' }, this.#ways.element, this.#besideSwitch.element,
        this.#linkSwitch.element, this.#hideSwitch.element, this.#labels.element),
      this.#linkPlace, this.#problem, this.#grid.element);
  }

  /** @param {Selection} selection */
  async show(selection) {
    this.#showGrid(selection);
    const models = modelsShown(this.#context.report, selection);
    if (this.#models.join() !== models.join()) {
      this.#overview = undefined;
      this.#clearStage();
    }
    // Maps are drawn before it is known which of their points are found: that may take files of tokens.
    const marking = this.#marking(selection, models);
    const overviews = await this.#loadOverviews(models);
    if (!this.#overview) await this.#become(selection, overviews, new Map());
    const marks = await marking;
    await this.#become(selection, overviews, marks);
    await this.#showLinks(selection);
  }

  /** Links of the selected head, over its map. @param {Selection} selection */
  async #showLinks(selection) {
    const { report, state } = this.#context;
    if (state.get() !== selection) return;
    if (this.#linkPlace.hidden) {
      this.#links?.hide();
      return;
    }
    const { HeadLinks } = await import('./links.js');
    this.#links ??= new HeadLinks(this.#context, (model, id) => {
      const head = report.head(model, id);
      return head && this.#grid.rectOf(head);
    });
    if (state.get() !== selection) return;
    fill(this.#linkPlace, this.#links.legend);
    this.#links.select(this.#grid.grid, selection.model, report.head(selection.model, selection.head));
  }

  /**
   * Draws the maps with their marks, unless the selection has changed in between.
   * @param {Selection} selection @param {ReadonlyMap<string, readonly Overview[]>} overviews by model
   * @param {ModelMarks} marks
   */
  async #become(selection, overviews, marks) {
    const { report, stage, state } = this.#context;
    const isCurrent = () => state.get() === selection;
    if (!isCurrent()) return;
    const models = [...overviews.keys()];
    const alike = this.#overview !== undefined && this.#models.join() === models.join()
      && sameMarks(this.#marks, marks);
    const overview = alike ? /** @type {OverviewCloud} */ (this.#overview)
      : await weaveOverview(pointsOf(report, overviews, marks), makeBreath(isCurrent)).catch(ignoreOvertaken);
    if (!overview || !await this.#paint(selection, overview)) return;
    if (this.#overview && this.#overview !== overview) stage.release(this.#overview.cloud);
    const hits = marks.get(selection.model)?.hits;
    const head = report.head(selection.model, selection.head);
    const lit = litPoints(overview, head);
    this.#hideSwitch.sayPoints(leftOutPoints(overview, head), selection.head);
    fill(this.#hitWords, hits ? hitsInWords(hits, { lit, id: selection.head }) : '');
    this.#overview = overview;
    this.#marks = marks;
    this.#models = models;
    this.#draw();
  }

  hide() {
    this.#context.tooltip.hide();
    this.#links?.hide();
    // The card's memory is for the view that is seen; coming back takes one upload.
    this.#clearStage();
    if (this.#overview) this.#context.stage.release(this.#overview.cloud);
  }

  redraw() {
    if (this.#overview) this.#legend.show(this.#coloring, this.#context.theme.colors());
    this.#draw();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    return this.#grid.key(event);
  }

  /** All but the points: cells, bars, and what stands above them. @param {Selection} selection */
  #showGrid(selection) {
    const { report, stage, hint } = this.#context;
    const model = report.model(selection.model);
    const heads = report.heads(selection.model);
    const models = modelsShown(report, selection);
    const composed = models.some((name) => isComposed(report.model(name)));
    this.#linkSwitch.show(selection, composed);
    this.#linkPlace.hidden = selection.unlinked || !composed;
    this.#grid.build(blocksOf(report, models));
    this.#grid.element.firstElementChild?.prepend(stage.element);
    this.#grid.select(report.head(selection.model, selection.head));
    if (model) this.#showToolbar(model, heads, selection);
    this.#ways.show();
    this.#besideSwitch.show(selection);
    setBars(this.#grid.bars(), model, selection.bar);
    hint('Arrow keys move, Enter opens a head');
  }

  /** @param {Model} model @param {readonly Head[]} heads @param {Selection} selection */
  #showToolbar(model, heads, selection) {
    const mapped = heads.some((head) => hasMap(head, model.overview.map));
    const all = modelsShown(this.#context.report, selection).flatMap((name) => this.#context.report.heads(name));
    const fitting = all.filter((head) => hasLabel(selection.labels, head));
    this.#labels.show(model, heads, selection);
    this.#grid.fade(selection.labels === '' ? undefined : new Set(fitting));
    fill(this.#labelWords,
      selection.labels && ` ${count(fitting.length)} of ${plural(all.length, 'head')} have the label.`);
    fill(this.#lede, ...(mapped ? [...whatPointsAre(model), this.#labelWords, this.#hitWords] : [
      `${whyNoMap(model, heads[0], 'the heads’')} Open a head for its figures and its attention.`]));
    this.#legend.clear();
    const bars = model.statistics.map(({ name, title }) => ({ value: name, text: title }));
    this.#hideSwitch.show(selection, mapped && model.axes.some(({ kind }) => kind === 'text'));
    fill(this.#tools, mapped && this.#legend.short,
      ...(mapped && !selection.beside ? colorChoice(this.#context, selection, suitsAtlas) : []),
      barLegend(model, all, selection.bar),
      choice('Bar', bars, selection.bar, (bar) => this.#context.state.set({ bar }, { push: false })));
  }

  /** @param {readonly string[]} models @returns {Promise<Map<string, Overview[]>>} by the model's name */
  async #loadOverviews(models) {
    const { classList } = this.#grid.element;
    classList.toggle('loading', !this.#overview);
    try {
      const { report } = this.#context;
      const overviews = await Promise.all(models.map((model) => report.overview(model)));
      fill(this.#problem);
      return new Map(models.map((model, i) => [model, overviews[i]]));
    } catch (error) {
      fill(this.#problem, problemCard(error, 'The atlas cannot be drawn. Heads can still be opened.'));
      throw error;
    } finally {
      classList.remove('loading');
    }
  }

  /**
   * Colours the points, by their kind where the colouring fails; false where another selection came in between.
   * @param {Selection} selection
   * @param {OverviewCloud} overview
   */
  async #paint(selection, overview) {
    const { report, state, theme } = this.#context;
    // The slots of a colouring are one model's own.
    const color = suitsAtlas(selection.color) && !selection.beside ? selection.color : 'kind';
    const heads = report.heads(selection.model).filter((head) => overview.ranges.has(head));
    const mode = { model: selection.model, color };
    const work = { goOn: () => true, progress: this.#legend.wait };
    /** @type {Error | undefined} */
    let fault;
    const coloring = await loadColoring(this.#context, mode, heads, work).catch((error) => {
      fault = error;
      return BY_KIND;
    });
    if (state.get() !== selection || !coloring) return false;
    if (this.#coloring !== coloring || this.#overview !== overview) {
      paintCloud(coloring, overview.cloud, overview.ranges);
      this.#coloring = coloring;
      this.#slot = -1;
    }
    if (fault) this.#legend.fail(fault);
    else this.#legend.show(coloring, theme.colors());
    return true;
  }

  async prepareExhibit() {
    this.#exhibits ??= await import('./exhibit.js');
  }

  exhibit() {
    const { report, state, stage } = this.#context;
    const model = report.model(state.get().model);
    if (!model || !this.#exhibits) return undefined;
    return this.#exhibits.atlasExhibit({
      models: modelsShown(report, state.get()).map((name) => ({
        model: /** @type {Model} */ (report.model(name)), heads: report.heads(name),
      })), bar: state.get().bar, words: this.#lede.textContent ?? '',
      grid: this.#grid.grid, stage: stage.element, panels: () => this.#panels(), palette: () => this.#palette(),
      legends: [this.#legend.short, this.#legend.long, ...this.#links?.legends() ?? []], links: this.#links?.caption(),
    });
  }

  #draw() {
    const { stage } = this.#context;
    const onStage = stage.element.parentElement === this.#grid.element.firstElementChild;
    if (!this.#overview || !this.element.isConnected || !onStage) return;
    const { width, height } = this.#grid.measure();
    stage.resize(width, height);
    stage.draw({ panels: this.#panels(), palette: this.#palette() });
  }

  /** The points of all cells. */
  #panels() {
    const { cells, rim } = this.#grid.measure();
    const searched = (/** @type {string} */ model) => this.#marks.get(model)?.lit !== undefined;
    const looks = cells.map((cell) => ({ ...cell, rim, searched: searched(cell.model) }));
    return this.#overview ? overviewPanels(this.#overview, looks) : [];
  }

  #clearStage() {
    this.#context.stage.draw({ panels: [], palette: this.#palette() });
  }

  #palette() {
    const colors = this.#context.theme.colors();
    return emphasise(makePalette(colors, this.#coloring.hues(colors)), this.#slot, colors.page);
  }
}

/**
 * @param {Hits} hits
 * @param {{lit: number, id: string}} head points of it that are lit
 */
function hitsInWords(hits, { lit, id }) {
  return ` Lit: the points of ${plural(hits.all.length, 'hit')}, ${count(lit)} of them in ${id}.`;
}

/** @param {unknown} error @returns {undefined} */
function ignoreOvertaken(error) {
  if (!(error instanceof Overtaken)) throw error;
}

/** @param {Model} model */
function whatPointsAre({ axes, maps, overview }) {
  const map = maps.find(({ id }) => id === overview.map);
  const title = `${map?.title ?? overview.map}${map?.dimensions === 3 ? ', seen from the front' : ''}`;
  const point = axes.every(({ kind }) => kind !== 'text') ? 'patch' : 'token';
  return [
    `Every head at once: each point is a ${point}, as `, el('b', { class: 'query' }, 'query'), ' or as ',
    el('b', { class: 'key' }, 'key'), ` (${title}).`,
  ];
}
