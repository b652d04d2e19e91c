/**
 * What the head view shows and how it is drawn: a map, the eye on it, its colours, the selected document. Points move
 * to their new places when another map of the same tokens comes.
 */
import { drawBox } from '../../draw/box.js';
import { mix } from '../../draw/color.js';
import { emphasise, makePalette } from '../../draw/palette.js';
import { createEye } from '../../draw/eye.js';
import { freeze } from '../../draw/freeze.js';
import { travel } from './arrival.js';
import { BY_KIND, paintCloud } from '../../parts/color/coloring.js';
import { samePoints } from './data.js';
import { createMotion, mayMove } from './motion.js';
import { drawPatches, patchedPoints } from './patch-marks.js';
import { drawOverlay, headPanel } from './picture.js';
import { createSurface } from './surface.js';

/** @import { Eye } from '../../draw/eye.js' */
/** @import { Panel, Rect } from '../../draw/types.js' */
/** @import { Coloring } from '../../parts/color/coloring.js' */
/** @import { Focus, MapData } from './data.js' */
/** @import { Sight } from './picture.js' */
/** @import { Context } from '../../parts/types.js' */
/** @typedef {ReturnType<typeof createScene>} Scene */

/** @param {Context} context @param {HTMLElement} host */
export function createScene(context, host) {
  const { state, stage, theme } = context;
  const surface = createSurface(context, host, draw);
  const motion = createMotion(draw, (cloud) => stage.release(cloud));
  /** @type {MapData | undefined} */
  let data;
  /** @type {Eye | undefined} */
  let eye;
  let shown = '';
  /** @type {Coloring} */
  let coloring = BY_KIND;
  /** @type {Focus | undefined} */
  let focus;
  /** @type {readonly Sight[]} */
  let sights = [];
  /** The palette slot that stands out; −1: all do. */
  let slot = -1;
  let hovered = -1;
  let queued = 0;

  /** @param {Rect} [rect] @returns {Panel | undefined} */
  function panel(rect = surface.rect()) {
    return data && eye
      && headPanel(data, eye, rect,
        { faded: focus !== undefined, colored: coloring !== BY_KIND, from: motion.now(),
          rim: coloring.legend.type === 'mean' ? mix(theme.colors().page, theme.colors().ink, 0.45) : undefined });
  }
  const palette = () => emphasise(makePalette(theme.colors(), coloring.own(theme.colors())), slot, theme.colors().page);

  function draw() {
    queued = 0;
    const scene = panel();
    if (!scene || !surface.shown()) return;
    host.classList.toggle('moving', scene.from !== undefined);
    surface.draw([scene], palette());
    drawOver(scene);
  }
  /** @param {Panel} scene */
  function drawOver(scene) {
    const colors = theme.colors();
    surface.drawOver((ink) => {
      if (!data || !eye) return;
      if (eye.solid && !scene.from) drawBox(ink, scene, ...frameOf(data), mix(colors.page, colors.quiet, 0.25));
      if (coloring.patches) drawPatches(ink, scene, data, coloring.patches, colors, focus);
      drawOverlay(ink, scene, colors, palette(), state.get(), focus, sights, hovered,
        coloring.patches && patchedPoints(scene, data, coloring.patches, focus));
    });
  }
  function redraw() {
    if (queued === 0) queued = requestAnimationFrame(draw);
  }
  /** Lets go of the map, and of the card's memory of it. */
  function forget() {
    motion.stop();
    surface.draw([], palette());
    surface.drawOver(() => {});
    if (data) stage.release(data.cloud);
    data = undefined;
    focus = undefined;
    sights = [];
    coloring = BY_KIND;
  }

  return {
    draw, redraw, panel, forget,
    take: surface.take,
    rect: surface.rect,
    moved: motion.done,
    data: () => data,
    /** Which map the eye last looked at. */
    shown: () => shown,
    coloring: () => coloring,
    focus: () => focus,
    hovered: () => hovered,
    solid: () => data?.map.dimensions === 3,
    /** @param {number} vertex */
    hover(vertex) {
      hovered = vertex;
      const scene = panel();
      if (scene) drawOver(scene);
    },
    /** Looks from elsewhere. @param {(eye: Eye, rect: Rect) => void} change */
    look(change) {
      if (!eye || !data) return;
      hovered = -1;
      change(eye, surface.rect());
      redraw();
    },
    /** Shows another map; where it has the same points, they go there. @param {MapData} next @param {string} name */
    become(next, name) {
      const scene = panel();
      const alike = data !== undefined && samePoints(data, next);
      const from = alike && scene && surface.shown() && mayMove() ? freeze(scene) : undefined;
      if (data) {
        if (alike) next.cloud.paint = data.cloud.paint;
        stage.release(data.cloud);
      }
      data = next;
      // Who comes back to a map finds it as it was left.
      if (name !== shown || !eye) eye = createEye(next.map);
      shown = name;
      hovered = -1;
      if (!alike) {
        focus = undefined;
        sights = [];
        coloring = BY_KIND;
      }
      motion.stop();
      if (from) motion.start(from);
    },
    /** Lets the points of one colour stand out. @param {number} next palette slot; −1 for all */
    emphasise(next) {
      slot = next;
      redraw();
    },
    /** @param {Coloring} next */
    paint(next) {
      if (!data) return;
      if (coloring !== next) slot = -1;
      coloring = next;
      paintCloud(coloring, data.cloud, [[data.head, { first: 0, count: data.cloud.count }]]);
    },
    /** @param {Focus | undefined} nextFocus @param {readonly Sight[]} nextSights */
    point(nextFocus, nextSights) {
      focus = nextFocus;
      sights = nextSights;
    },
    sights: () => sights,
    /** The picture grows out of the cell it was opened from. @param {Rect} box the cell, in the window's pixels */
    async arrive(box) {
      if (!data) return;
      const arriving = data;
      const home = host.getBoundingClientRect();
      const from = { x: box.x - home.x, y: box.y - home.y, width: box.width, height: box.height };
      await travel(from, surface.rect(), (place) => {
        const scene = data === arriving && panel(place);
        if (scene) surface.draw([{ ...scene, alpha: coloring === BY_KIND ? 0.55 : 0.78 }], palette());
      });
    },
  };
}

/** The corners of a map's frame in the unit cube of its codes. @param {MapData} data @returns {[number[], number[]]} */
function frameOf({ map }) {
  const at = (/** @type {Float64Array} */ frame) =>
    Array.from(frame, (value, k) => (value - map.lo[k]) / (map.hi[k] - map.lo[k] || 1));
  return [at(map.viewLo), at(map.viewHi)];
}
