/** One head's map, large: pan, turn, zoom, look at tokens, select one and see what it attends to. */
import { neighbour } from '../../state/layout.js';
import { STEPS } from '../../parts/steps.js';
import { createLegend } from '../../parts/color/legend.js';
import { BY_KIND, loadColoring, releasePictures } from '../../parts/color/coloring.js';
import { el, fill, icon } from '../../parts/element.js';
import { problemCard } from '../../parts/problem.js';
import { describeHead, headControls } from './caption.js';
import { loadFocus, loadMap } from './data.js';
import { attachPointing } from './pointing.js';
import { createScene } from './scene.js';
import { loadSights } from './words.js';
import { beliefOf, createBadge } from '../../parts/map-badge.js';
import { hasMap, maplessCard } from '../../parts/mapless.js';

/** @import { Model } from '../../data/types.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { MapData } from './data.js' */
/** @import { Context, Head, View } from '../../parts/types.js' */

/** An arrow key turns a solid map by so much, in radians. */
const TURN = Math.PI / 24;
const ZOOM = 1.3;

/** @param {Context} context @returns {View} */
export function createHead(context) {
  const { report, state, theme, tooltip } = context;
  // What is pressed there is no gesture on the map.
  const problem = el('div',
    { class: 'problem-place', onpointerdown: /** @param {Event} event */ (event) => event.stopPropagation() });
  const host = el('div', { class: 'map-host', tabIndex: 0, role: 'img' }, problem);
  const scene = createScene(context, host);
  const { reset } = attachPointing(context, host, scene);
  const lede = el('p', { class: 'lede', 'aria-live': 'polite' });
  const tools = el('div', { class: 'tools' });
  const legend = createLegend(scene.emphasise);
  const badge = createBadge();
  const zooms = el('div', { class: 'zooms', role: 'group', 'aria-label': 'Zoom' },
    el('button', { type: 'button', title: 'Zoom in (+)', 'aria-label': 'Zoom in', onclick: () => zoomBy(1.5) },
      icon('plus')),
    el('button', { type: 'button', title: 'Zoom out (−)', 'aria-label': 'Zoom out', onclick: () => zoomBy(1 / 1.5) },
      icon('minus')),
    el('button',
      { type: 'button', title: 'Show the whole map (0)', 'aria-label': 'Show the whole map', onclick: reset },
      icon('reset')));
  const element = el('section', { class: 'view head', 'aria-label': 'Map of one head' },
    el('div', { class: 'toolbar' }, lede, tools, legend.long),
    el('div', { class: 'map-frame' }, host, badge.element, zooms));

  /** @param {number} factor */
  function zoomBy(factor) {
    tooltip.hide();
    scene.look((eye, rect) => eye.zoom(rect, factor, rect.x + rect.width / 2, rect.y + rect.height / 2));
  }

  function clear() {
    scene.forget();
    legend.clear();
    badge.show(undefined);
    fill(lede);
  }

  /** What a selection without a map shows. @param {Head} head @param {Selection} selection */
  function showMapless(head, selection) {
    clear();
    context.hint('Arrow keys step to other heads');
    fill(problem, maplessCard(context, head, selection.map));
  }

  /**
   * Colours the points, by their kind where the colouring fails; false where another selection came in between.
   * @param {Selection} selection
   * @param {MapData} data
   */
  async function color(selection, data) {
    const current = () => state.get() === selection;
    /** @type {Error | undefined} */
    let fault;
    const coloring =
      await loadColoring(context, selection, [data.head], { goOn: current, progress: legend.wait }).catch((error) => {
      fault = error;
      return BY_KIND;
    });
    if (!coloring || !current()) return false;
    scene.paint(coloring);
    if (fault) legend.fail(fault);
    else legend.show(coloring, theme.colors());
    return true;
  }

  /** Loads and draws, the map first; false where another selection came in between. @param {Selection} selection */
  async function showMap(selection) {
    const wanted = `${selection.model} ${selection.head} ${selection.map}`;
    const current = () => state.get() === selection;
    if (!scene.data() || scene.shown() !== wanted) {
      const next = await loadMap(context, selection);
      if (!current()) return false;
      scene.become(next, wanted);
    }
    context.hint(hintFor(scene.solid()));
    const data = /** @type {MapData} */ (scene.data());
    if (!await color(selection, data)) return false;
    const focus = selection.doc === null ? undefined : await loadFocus(context, selection, data);
    const sights = focus || scene.sights().length > 0 ? scene.sights() : await loadSights(context, selection, data);
    // Only the newest selection is drawn, whichever files come first.
    if (!current()) return false;
    scene.point(focus, sights);
    return true;
  }

  return {
    element,
    async show(selection) {
      scene.take();
      tooltip.hide();
      fill(tools, legend.short, ...headControls(context, selection));
      const head = report.head(selection.model, selection.head);
      const without = head !== undefined && !hasMap(head, selection.map);
      zooms.hidden = without;
      if (without) return showMapless(head, selection);
      element.classList.toggle('loading', !scene.data());
      try {
        if (!await showMap(selection)) return;
        fill(problem);
      } catch (error) {
        if (state.get() !== selection) return;
        clear();
        fill(problem, problemCard(error, `The map of ${selection.head} cannot be drawn.`));
        throw error;
      } finally {
        element.classList.remove('loading');
      }
      const { origin } = context;
      context.origin = undefined;
      if (origin?.head === selection.head) await scene.arrive(origin.box);
      const model = /** @type {Model} */ (report.model(selection.model));
      badge.show(head && beliefOf(model, head, selection.map));
      fill(lede, ...describeHead(model, selection, scene.focus(), /** @type {MapData} */ (scene.data())));
      host.setAttribute('aria-label', `Map of ${selection.head}. ${lede.textContent}`);
      scene.draw();
      await scene.moved();
    },
    hide() {
      tooltip.hide();
      scene.forget();
      releasePictures(context);
    },
    redraw() {
      if (scene.data()) void color(state.get(), /** @type {MapData} */ (scene.data())).then(scene.draw);
    },
    key(event) {
      const step = STEPS[event.key];
      const next = step && neighbour(context.rows(state.get().model), state.get().head, ...step);
      if (step && scene.solid()) scene.look((eye) => eye.turn(TURN * step[0], TURN * step[1]));
      else if (step) state.set({ head: next?.id ?? state.get().head }, { push: false });
      else if (event.key === '+' || event.key === '=') zoomBy(ZOOM);
      else if (event.key === '-') zoomBy(1 / ZOOM);
      else if (event.key === '0') reset();
      else if (event.key === 'Escape' && state.get().doc !== null) state.set({ doc: null, token: null });
      else return false;
      return true;
    },
  };
}

/** @param {boolean} solid */
function hintFor(solid) {
  return solid ? 'Drag or arrow keys turn, Shift-drag moves, wheel or pinch zooms, Shift-arrows step to other heads'
    : 'Drag moves, wheel or pinch zooms, arrow keys step to other heads';
}
