/** Hands on a head's map: a hover tells of a point, a click selects it, drags and wheels change the look. */
import { nearest } from '../../draw/pick.js';
import { attachGestures } from './gestures.js';
import { pointCard } from './words.js';

/** @import { Scene } from './scene.js' */
/** @import { Context } from '../../parts/types.js' */

const REACH = 14;
const TOUCH_REACH = 24;
const DOUBLE_CLICK_MS = 280;

/** @param {Context} context @param {HTMLElement} host @param {Scene} scene */
export function attachPointing(context, host, scene) {
  const { state, tooltip } = context;
  let leaving = 0;

  /** @param {number} x @param {number} y @param {number} reach */
  const pick = (x, y, reach) => {
    const panel = scene.panel();
    return panel ? nearest(panel, x, y, reach) : -1;
  };
  /** @param {number} x @param {number} y */
  function hover(x, y) {
    const found = pick(x, y, REACH);
    if (found === scene.hovered()) return;
    scene.hover(found);
    host.classList.toggle('over-point', found >= 0);
    const data = scene.data();
    if (found < 0 || !data) return tooltip.hide();
    const box = host.getBoundingClientRect();
    const at = { x: box.left + x, y: box.top + y };
    tooltip.show(at, '…');
    pointCard(context, data, scene.coloring(), found).then((card) => {
      if (scene.hovered() === found && scene.data() === data) tooltip.show(at, ...card);
    }, (error) => tooltip.show(at, String(error.message)));
  }
  function leave() {
    if (scene.hovered() < 0) return;
    scene.hover(-1);
    tooltip.hide();
  }
  /** @param {number} x @param {number} y @param {boolean} touch */
  function tap(x, y, touch) {
    const data = scene.data();
    if (!data) return;
    const vertex = pick(x, y, touch ? TOUCH_REACH : REACH);
    clearTimeout(leaving);
    if (vertex < 0) {
      // The first half of a double click lets go of nothing.
      leaving = window.setTimeout(() => state.set({ doc: null, token: null }), DOUBLE_CLICK_MS);
      return;
    }
    const kind = data.cloud.kinds[vertex];
    const axis = data.axes[kind];
    const { document, token } = axis.layout.locate(axis.sample[data.cloud.points[vertex]]);
    state.set({ doc: document, token, side: kind === 0 ? 'query' : 'key' });
  }
  attachGestures(host, {
    onPan(dx, dy, held) {
      tooltip.hide();
      scene.look((eye, rect) => (held ? eye.shift : eye.drag)(rect, dx, dy));
    },
    onZoom(factor, x, y) {
      tooltip.hide();
      scene.look((eye, rect) => eye.zoom(rect, factor, x, y));
    },
    onTap: tap, onHover: hover, onLeave: leave, onReset: reset,
  });

  function reset() {
    clearTimeout(leaving);
    scene.look((eye) => eye.reset());
  }
  return { reset };
}
