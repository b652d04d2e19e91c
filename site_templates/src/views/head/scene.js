/**
 * What the head view shows and how it is drawn: a map, the eye on it, its colours, the selected document. Points move
 * to their new places when another map of the same tokens comes.
 */
import { mix } from '../../draw/color.js';
import { freeze } from '../../draw/freeze.js';
import { BY_KIND } from '../../parts/color/coloring.js';
import { cloudMarks } from '../../parts/figure/cloud-marks.js';
import { marksOf } from '../../parts/figure/ink.js';
import { Appearance } from './appearance.js';
import { travel, within } from './arrival.js';
import { samePoints } from './data.js';
import { densityLines } from './density.js';
import { Gaze } from './gaze.js';
import { createMotion, mayMove } from './motion.js';
import { drawOverlay } from './overlay.js';
import { headPanel } from './panel.js';
import { createRegionNames } from './region-names.js';
import { createStandout } from './standout.js';
import { createSurface } from './surface.js';

/** @import { Eye } from '../../draw/eye.js' */
/** @import { Panel, Rect } from '../../draw/types.js' */
/** @import { Figure } from '../../parts/figure/types.js' */
/** @import { Context } from '../../parts/types.js' */
/** @import { Focus, MapData } from './data.js' */
/** @import { Spot } from './gestures.js' */
/** @import { Inside } from './inside.js' */
/** @import { Types } from './types.js' */

/** How opaque points are on their way out of the atlas, where nothing is selected. */
const ARRIVING_ALPHA = { byKind: 0.55, colored: 0.78 };

/** One head's map in its host. Readers see its state; only its methods change it. */
export class Scene {
  #context;
  #host;
  #surface;
  #motion;
  #standout;
  /** Where the map is looked at from; tells when the eye has come to rest. */
  gaze = new Gaze();
  /** How the points look. */
  appearance = new Appearance();
  /** The request for the next drawing, 0 where there is none. */
  #queued = 0;
  /** @type {MapData | undefined} */
  data;
  /** Which map the eye last looked at. */
  name = '';
  /** @type {Focus | undefined} */
  focus;
  /** What the points are, once it is known. @type {Types | undefined} */
  types;
  #names = createRegionNames();
  /** What lies in the selected part of the map. @type {Inside | undefined} */
  inside;
  /** Corners of a part that is being drawn, in pixels. @type {readonly Spot[]} */
  drawing = [];
  /** The vertex that is pointed at, or −1. */
  hovered = -1;

  /** @param {Context} context @param {HTMLElement} host */
  constructor(context, host) {
    this.#context = context;
    this.#host = host;
    this.#surface = createSurface(context, host, () => this.draw());
    this.#motion = createMotion(() => this.draw(), (cloud) => context.stage.release(cloud));
    this.#standout = createStandout((cloud) => context.stage.release(cloud));
  }

  get coloring() {
    return this.appearance.coloring;
  }

  get solid() {
    return this.data?.map.dimensions === 3;
  }

  /** Takes the stage from whichever view has it. */
  take() {
    this.#surface.take();
  }

  /** The whole picture, in its own pixels. */
  rect() {
    return this.#surface.rect();
  }

  /** Resolves when nothing moves. */
  moved() {
    return this.#motion.done();
  }

  /** @param {Rect} [rect] @returns {Panel | undefined} */
  panel(rect = this.#surface.rect()) {
    const { eye } = this.gaze;
    if (!this.data || !eye) return undefined;
    const { page, ink } = this.#context.theme.colors();
    return headPanel(this.data, eye, rect, {
      faded: this.focus !== undefined || this.inside !== undefined || this.appearance.lit !== undefined,
      colored: this.coloring !== BY_KIND,
      from: this.#motion.now(),
      rim: this.coloring.legend.type === 'mean' ? mix(page, ink, 0.45) : undefined,
    });
  }

  /** The map as marks, in the host's pixels. @returns {Figure | undefined} */
  figure() {
    const panel = this.panel();
    if (!panel || !this.data) return undefined;
    const { x, y, width, height } = panel.rect;
    const over = marksOf((ink) => this.#paintOver(ink, panel));
    const cloud = cloudMarks(this.#layers(panel), this.#palette(), { width, height });
    return { width, height, marks: [{ type: 'group', clip: { x, y, width, height }, marks: [...cloud, ...over] }] };
  }

  draw() {
    this.#queued = 0;
    const panel = this.panel();
    if (!panel || !this.#surface.onStage()) return;
    this.#host.classList.toggle('moving', panel.from !== undefined);
    this.#surface.draw(this.#layers(panel), this.#palette());
    this.#drawOver(panel);
  }

  /** Draws with the next frame. */
  redraw() {
    if (this.#queued === 0) this.#queued = requestAnimationFrame(() => this.draw());
  }

  /** Lets go of the map, and of the card's memory of it. */
  forget() {
    this.#motion.stop();
    this.#standout.forget();
    this.#surface.draw([], this.#palette());
    this.#surface.drawOver(() => {});
    if (this.data) this.#context.stage.release(this.data.cloud);
    this.data = undefined;
    this.#forgetPoints();
  }

  /** @param {number} vertex or −1 */
  hover(vertex) {
    this.hovered = vertex;
    const panel = this.panel();
    if (panel) this.#drawOver(panel);
  }

  /** Looks from elsewhere. @param {(eye: Eye, rect: Rect) => void} change */
  look(change) {
    if (!this.data) return;
    this.hovered = -1;
    this.gaze.change((eye) => change(eye, this.#surface.rect()));
    this.redraw();
  }

  /** Shows another map; where it has the same points, they go there. @param {MapData} next @param {string} name */
  become(next, name) {
    const { data } = this;
    const panel = this.panel();
    const alike = data !== undefined && samePoints(data, next);
    const from = alike && panel && this.#surface.onStage() && mayMove() ? freeze(panel) : undefined;
    if (data) {
      if (alike) next.cloud.paint = data.cloud.paint;
      if (alike && next.head === data.head) next.cloud.sizes = data.cloud.sizes;
      this.#context.stage.release(data.cloud);
    }
    this.data = next;
    // Who comes back to a map finds it as it was left.
    if (name !== this.name || !this.gaze.eye) this.gaze.open(next.map);
    this.name = name;
    this.hovered = -1;
    if (!alike) this.#forgetPoints();
    this.#motion.stop();
    if (from) this.#motion.start(from);
  }

  /** Lets the points of one colour stand out. @param {number} slot of the palette; −1 for all */
  emphasise(slot) {
    this.appearance.emphasise(slot);
    this.redraw();
  }

  /** The regions that are named. @param {Panel} panel */
  regions(panel) {
    if (!this.data || !this.types || this.focus || panel.from) return [];
    return this.#names.of(panel, this.types, this.gaze.moving);
  }

  /** The lines of density, where nothing is selected and points overlap. @param {Panel} panel */
  density(panel) {
    if (this.focus || this.inside || panel.from || this.coloring.patches) return undefined;
    const lines = densityLines(panel);
    return lines.some((contours) => contours.length > 0) ? lines : undefined;
  }

  /** @param {Pick<Scene, 'focus' | 'inside'>} what */
  point({ focus, inside }) {
    this.focus = focus;
    this.inside = inside;
  }

  /** The picture grows out of the cell it was opened from. @param {Rect} box the cell, in the window's pixels */
  async arrive(box) {
    const { data } = this;
    if (!data) return;
    await travel(within(this.#host, box), this.#surface.rect(), (rect) => {
      const panel = this.data === data && this.panel(rect);
      if (!panel) return;
      const alpha = this.coloring === BY_KIND ? ARRIVING_ALPHA.byKind : ARRIVING_ALPHA.colored;
      this.#surface.draw([{ ...panel, alpha }], this.#palette());
    });
  }

  /** What belongs to the points that were there: others have other documents and colours. */
  #forgetPoints() {
    this.focus = undefined;
    this.types = undefined;
    this.inside = undefined;
    this.appearance.forget();
  }

  #palette() {
    return this.appearance.palette(this.#context.theme.colors());
  }

  /** The points, those that stand out above the others. @param {Panel} panel */
  #layers(panel) {
    return this.#standout.panels(panel, this.inside?.lit ?? this.appearance.lit);
  }

  /** @param {Panel} panel */
  #drawOver(panel) {
    this.#surface.drawOver((ink) => this.#paintOver(ink, panel));
  }

  /** @param {CanvasRenderingContext2D} ink in CSS pixels @param {Panel} panel */
  #paintOver(ink, panel) {
    const { theme, state } = this.#context;
    if (!this.data) return;
    drawOverlay(ink, panel, this, { colors: theme.colors(), palette: this.#palette(), selection: state.get() });
  }
}
