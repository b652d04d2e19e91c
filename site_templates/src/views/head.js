/** One head's map, large: pan, zoom, look at tokens, select one and see what it attends to. */
import { fitCamera, pan, zoomAt } from '../draw/camera.js';
import { nearest } from '../draw/pick.js';
import { neighbour } from '../state/layout.js';
import { travel } from './arrival.js';
import { STEPS } from './atlas-grid.js';
import { createLegend } from './color-legend.js';
import { BY_KIND, loadColoring, paintCloud } from './coloring.js';
import { el, fill, icon } from './element.js';
import { problemCard } from './failure.js';
import { attachGestures } from './gestures.js';
import { describeHead, headControls } from './head-caption.js';
import { loadFocus, loadMap } from './head-data.js';
import { drawPatches } from './head-patches.js';
import { drawOverlay, headPanel } from './head-picture.js';
import { createSurface } from './head-surface.js';
import { loadSights, pointCard } from './head-words.js';
import { hasMap, maplessCard } from './mapless.js';

/** @import { Model } from '../data/types.js' */
/** @import { Camera, Panel } from '../draw/types.js' */
/** @import { Selection } from '../state/types.js' */
/** @import { Focus, MapData } from './head-data.js' */
/** @import { Sight } from './head-picture.js' */
/** @import { Context, View } from './types.js' */

const REACH = 14;
const TOUCH_REACH = 24;
const DOUBLE_CLICK_MS = 280;

/** @param {Context} context @returns {View} */
export function createHead(context) {
  const { report, state, stage, theme, tooltip } = context;
  // What is pressed there is no gesture on the map.
  const problem = el('div', { class: 'problem-place', onpointerdown: /** @param {Event} event */ (event) => event.stopPropagation() });
  const host = el('div', { class: 'map-host', tabIndex: 0, role: 'img' }, problem);
  const surface = createSurface(context, host, draw);
  const lede = el('p', { class: 'lede', 'aria-live': 'polite' });
  const tools = el('div', { class: 'tools' });
  const legend = createLegend();
  const zooms = el('div', { class: 'zooms', role: 'group', 'aria-label': 'Zoom' },
    el('button', { type: 'button', title: 'Zoom in (+)', 'aria-label': 'Zoom in', onclick: () => zoomBy(1.5) }, icon('plus')),
    el('button', { type: 'button', title: 'Zoom out (−)', 'aria-label': 'Zoom out', onclick: () => zoomBy(1 / 1.5) }, icon('minus')),
    el('button', { type: 'button', title: 'Show the whole map (0)', 'aria-label': 'Show the whole map', onclick: reset }, icon('reset')));
  const element = el('section', { class: 'view head', 'aria-label': 'Map of one head' },
    el('div', { class: 'toolbar' }, lede, tools, legend.long), el('div', { class: 'map-frame' }, host, zooms));

  /** @type {MapData | undefined} */
  let data;
  let shown = '';
  /** @type {Focus | undefined} */
  let focus;
  /** @type {readonly Sight[]} */
  let sights = [];
  /** @type {Camera} */
  let camera = { x: 0, y: 0, span: 1 };
  let coloring = BY_KIND;
  let hovered = -1;
  let queued = 0;
  let leaving = 0;

  const rect = () => surface.rect();
  /** @returns {Panel | undefined} */
  const panel = () => data && headPanel(data, camera, rect(), focus !== undefined, coloring !== BY_KIND);

  function draw() {
    queued = 0;
    const scene = panel();
    if (!scene || !surface.shown()) return;
    surface.draw([scene], coloring.own(theme.colors()));
    drawOver(scene);
  }
  /** @param {Panel} scene */
  const drawOver = (scene) => surface.drawOver((ink) => {
    if (data && coloring.patches) drawPatches(ink, scene, data, coloring.patches, theme.colors(), focus);
    drawOverlay(ink, scene, theme.colors(), state.get(), focus, sights, hovered);
  });
  function redraw() {
    if (queued === 0) queued = requestAnimationFrame(draw);
  }
  /** @param {number} factor @param {number} [x] @param {number} [y] */
  function zoomBy(factor, x = rect().width / 2, y = rect().height / 2) {
    if (!data) return;
    tooltip.hide();
    hovered = -1;
    camera = zoomAt(camera, rect(), factor, x, y, fitCamera(data.map.frameLo, data.map.frameHi).span);
    redraw();
  }
  function reset() {
    clearTimeout(leaving);
    if (!data) return;
    camera = fitCamera(data.map.frameLo, data.map.frameHi);
    redraw();
  }
  /** @param {number} x @param {number} y */
  function hover(x, y) {
    const scene = panel();
    const found = scene ? nearest(scene, x, y, REACH) : -1;
    if (found === hovered) return;
    hovered = found;
    host.classList.toggle('over-point', found >= 0);
    if (scene) drawOver(scene);
    if (found < 0 || !data) return tooltip.hide();
    const box = host.getBoundingClientRect();
    const at = { x: box.left + x, y: box.top + y };
    const looking = data;
    tooltip.show(at, '…');
    pointCard(context, looking, coloring, found).then((card) => {
      if (hovered === found && data === looking) tooltip.show(at, ...card);
    }, (error) => tooltip.show(at, String(error.message)));
  }
  function leave() {
    if (hovered < 0) return;
    hovered = -1;
    tooltip.hide();
    redraw();
  }
  /** @param {number} x @param {number} y @param {boolean} touch */
  function tap(x, y, touch) {
    const scene = panel();
    if (!scene || !data) return;
    const vertex = nearest(scene, x, y, touch ? TOUCH_REACH : REACH);
    clearTimeout(leaving);
    if (vertex < 0) {
      // The first half of a double click lets go of nothing.
      leaving = window.setTimeout(() => state.set({ doc: null, token: null }), DOUBLE_CLICK_MS);
      return;
    }
    const kind = scene.cloud.kinds[vertex];
    const axis = data.axes[kind];
    const { document, token } = axis.layout.locate(axis.sample[scene.cloud.points[vertex]]);
    state.set({ doc: document, token, side: kind === 0 ? 'query' : 'key' });
  }
  attachGestures(host, {
    onPan(dx, dy) {
      tooltip.hide();
      hovered = -1;
      camera = pan(camera, rect(), dx, dy);
      redraw();
    },
    onZoom: zoomBy, onTap: tap, onHover: hover, onLeave: leave, onReset: reset,
  });

  /** @param {string} head */
  async function arrive(head) {
    const { origin } = context;
    context.origin = undefined;
    if (origin?.head !== head || !data) return;
    const arriving = data;
    const box = host.getBoundingClientRect();
    const from = { x: origin.box.x - box.x, y: origin.box.y - box.y, width: origin.box.width, height: origin.box.height };
    await travel(from, rect(), (place) => {
      if (data === arriving) surface.draw([headPanel(arriving, camera, place, false, coloring !== BY_KIND)], coloring.own(theme.colors()));
    });
  }

  function clear() {
    data = undefined;
    shown = '';
    surface.draw([], []);
    legend.clear();
    surface.drawOver(() => {});
    fill(lede);
  }

  /** @param {Selection} selection */
  async function loadAll(selection) {
    const wanted = `${selection.model} ${selection.head} ${selection.map}`;
    if (shown !== wanted) {
      const next = await loadMap(context, selection);
      if (state.get() !== selection) return false;
      if (data) stage.release(data.cloud);
      data = next;
      shown = wanted;
      sights = [];
      camera = fitCamera(next.map.frameLo, next.map.frameHi);
    }
    const present = /** @type {MapData} */ (data);
    const next = await loadColoring(context, selection, [present.head], { goOn: () => state.get() === selection, progress: legend.wait });
    if (!next || state.get() !== selection) return false;
    coloring = next;
    paintCloud(coloring, present.cloud, [[present.head, { first: 0, count: present.cloud.count }]]);
    legend.show(coloring, theme.colors());
    const nextFocus = selection.doc === null ? undefined : await loadFocus(context, selection, present);
    const nextSights = nextFocus || sights.length > 0 ? sights : await loadSights(context, selection, present);
    // Only the newest selection is drawn, whichever files come first.
    if (state.get() !== selection) return false;
    focus = nextFocus;
    sights = nextSights;
    return true;
  }

  return {
    element,
    async show(selection) {
      surface.take();
      hovered = -1;
      tooltip.hide();
      fill(tools, legend.short, ...headControls(context, selection));
      context.hint('Drag moves, wheel or pinch zooms, arrow keys step to other heads');
      const head = report.head(selection.model, selection.head);
      const without = head !== undefined && !hasMap(head, selection.map);
      zooms.hidden = without;
      if (without) {
        clear();
        context.hint('Arrow keys step to other heads');
        return fill(problem, maplessCard(context, head, selection.map));
      }
      element.classList.toggle('loading', !data);
      try {
        if (!await loadAll(selection)) return;
        fill(problem);
      } catch (error) {
        if (state.get() !== selection) return;
        clear();
        fill(problem, problemCard(error, `The map of ${selection.head} cannot be drawn.`));
        throw error;
      } finally {
        element.classList.remove('loading');
      }
      await arrive(selection.head);
      const model = /** @type {Model} */ (report.model(selection.model));
      fill(lede, ...describeHead(model, selection, focus, /** @type {MapData} */ (data)));
      host.setAttribute('aria-label', `Map of ${selection.head}. ${lede.textContent}`);
      draw();
    },
    hide() {
      tooltip.hide();
    },
    redraw() {
      legend.show(coloring, theme.colors());
      draw();
    },
    key(event) {
      const step = STEPS[event.key];
      const next = step && neighbour(context.rows(state.get().model), state.get().head, ...step);
      if (step) state.set({ head: next?.id ?? state.get().head }, { push: false });
      else if (event.key === '+' || event.key === '=') zoomBy(1.3);
      else if (event.key === '-') zoomBy(1 / 1.3);
      else if (event.key === '0') reset();
      else if (event.key === 'Escape' && state.get().doc !== null) state.set({ doc: null, token: null });
      else return false;
      return true;
    },
  };
}
