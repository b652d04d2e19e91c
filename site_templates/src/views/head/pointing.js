/** Hands on a head's map: a hover tells of a point, a click selects it, drags and wheels change the look. */
import { nearest } from '../../draw/pick.js';
import { attachGestures } from './gestures.js';
import { whatIsAt } from './data.js';
import { pointCard } from './point-words.js';

/** @import { Gestures } from './gestures.js' */
/** @import { Scene } from './scene.js' */
/** @import { Context } from '../../parts/types.js' */

const REACH = 14;
const TOUCH_REACH = 24;
const DOUBLE_CLICK_MS = 280;

/**
 * @param {Context} context
 * @param {HTMLElement} host
 * @param {Scene} scene
 * @param {Pick<Gestures, 'draws' | 'onDraw'>} selecting
 */
export function attachPointing(context, host, scene, selecting) {
  const { state, tooltip } = context;
  const hovering = createHovering(context, host, scene);
  let leaving = 0;

  /** @param {number} x @param {number} y @param {boolean} touch */
  function tap(x, y, touch) {
    const { data } = scene;
    if (!data) return;
    const vertex = pick(scene, x, y, touch ? TOUCH_REACH : REACH);
    clearTimeout(leaving);
    if (vertex < 0) {
      // The first half of a double click lets go of nothing.
      leaving = window.setTimeout(() => state.set({ doc: null, token: null }), DOUBLE_CLICK_MS);
      return;
    }
    const { document, token, side } = whatIsAt(data, vertex);
    state.set({ doc: document, token, side });
  }
  function reset() {
    clearTimeout(leaving);
    scene.look((eye) => eye.reset());
  }
  attachGestures(host, {
    onPan(dx, dy, shifting) {
      tooltip.hide();
      scene.look((eye, rect) => (shifting ? eye.shift : eye.drag)(rect, dx, dy));
    },
    onZoom(factor, x, y) {
      tooltip.hide();
      scene.look((eye, rect) => eye.zoom(rect, factor, x, y));
    },
    draws: selecting.draws,
    onDraw(line, done) {
      tooltip.hide();
      selecting.onDraw(line, done);
    },
    onTap: tap, onHover: hovering.hover, onLeave: hovering.leave, onReset: reset,
  });
  return { reset, tell: hovering.tell };
}

/** Tells of the point under the pointer. @param {Context} context @param {HTMLElement} host @param {Scene} scene */
function createHovering(context, host, scene) {
  const { tooltip } = context;
  /** Tells of a point. @param {number} vertex @param {{x: number, y: number}} at in the host's pixels */
  async function tell(vertex, { x, y }) {
    scene.hover(vertex);
    const { data } = scene;
    if (!data) return;
    const box = host.getBoundingClientRect();
    const at = { x: box.left + x, y: box.top + y };
    tooltip.show(at, '…');
    try {
      const card = await pointCard(context, data, scene.coloring, vertex);
      if (scene.hovered === vertex && scene.data === data) tooltip.show(at, ...card);
    } catch (error) {
      tooltip.show(at, error instanceof Error ? error.message : String(error));
    }
  }
  return {
    tell,
    /** @param {number} x @param {number} y */
    hover(x, y) {
      const vertex = pick(scene, x, y, REACH);
      if (vertex === scene.hovered) return undefined;
      host.classList.toggle('over-point', vertex >= 0);
      if (vertex >= 0) return void tell(vertex, { x, y });
      scene.hover(-1);
      return tooltip.hide();
    },
    leave() {
      if (scene.hovered < 0) return;
      scene.hover(-1);
      tooltip.hide();
    },
  };
}

/**
 * The vertex nearest to a place, or −1.
 * @param {Scene} scene
 * @param {number} x
 * @param {number} y
 * @param {number} reach
 */
function pick(scene, x, y, reach) {
  const panel = scene.panel();
  return panel ? nearest(panel, x, y, reach) : -1;
}
