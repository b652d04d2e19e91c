/** Goes through the points of a map by keys: a point is looked at as if the pointer were over it. */
import { makePlacer } from '../../draw/project.js';
import { whatIsAt } from './data.js';

/** @import { Spot } from './gestures.js' */
/** @import { MapData } from './data.js' */
/** @import { Scene } from './scene.js' */
/** @import { Context } from '../../parts/types.js' */

/** A step goes at least so far, in pixels: what is nearer comes apart by zooming. */
const STEP = 10;

/** @param {Context} context @param {Scene} scene @param {(vertex: number, at: Spot) => void} tell of a point */
export function createCursor({ state, tooltip }, scene, tell) {
  let vertex = -1;
  /** @type {MapData | undefined} */
  let data;

  /** @param {number} next */
  function look(next) {
    const at = next < 0 ? undefined : placeOf(scene, next);
    if (!at) return;
    vertex = next;
    data = scene.data;
    tell(vertex, at);
  }
  return {
    /** Whether a point of the present map is looked at. */
    get active() {
      return vertex >= 0 && data === scene.data;
    },
    /** Where the point is, undefined where none is looked at. */
    get at() {
      return this.active ? placeOf(scene, vertex) : undefined;
    },
    /** From the middle of the map. */
    begin() {
      const { x, y, width, height } = scene.rect();
      look(nextPoint(scene, { x: x + width / 2, y: y + height / 2 }, () => true));
    },
    /** @param {readonly [across: number, down: number]} step */
    step([across, down]) {
      const from = placeOf(scene, vertex);
      if (!from) return;
      look(nextPoint(scene, from, (dx, dy) => {
        const [ahead, aside] = [dx * across + dy * down, dx * down + dy * across];
        return ahead >= STEP && Math.abs(aside) <= ahead;
      }));
    },
    /** Looks at the same point again: the map was zoomed. */
    again: () => look(vertex),
    select() {
      const { document, token, side } = whatIsAt(/** @type {MapData} */ (data), vertex);
      state.set({ doc: document, token, side });
    },
    end() {
      vertex = -1;
      scene.hover(-1);
      tooltip.hide();
    },
  };
}

/** @param {Scene} scene @param {number} vertex @returns {Spot | undefined} in the host's pixels */
function placeOf(scene, vertex) {
  const panel = scene.panel();
  if (!panel || vertex < 0) return undefined;
  const at = { x: 0, y: 0, near: 0 };
  makePlacer(panel)(vertex, at);
  return { x: at.x, y: at.y };
}

/**
 * The nearest point in sight whose way from a place is allowed, −1 where there is none.
 * @param {Scene} scene @param {Spot} from @param {(dx: number, dy: number) => boolean} allowed
 */
function nextPoint(scene, from, allowed) {
  const panel = scene.panel();
  if (!panel) return -1;
  const { x, y, width, height } = panel.rect;
  const place = makePlacer(panel);
  const at = { x: 0, y: 0, near: 0 };
  let [best, least] = [-1, Infinity];
  for (let vertex = panel.first; vertex < panel.first + panel.count; vertex++) {
    place(vertex, at);
    const inSight = at.near >= 0 && at.x >= x && at.y >= y && at.x <= x + width && at.y <= y + height;
    const [dx, dy] = [at.x - from.x, at.y - from.y];
    const distance = dx * dx + dy * dy;
    if (!inSight || distance >= least || !allowed(dx, dy)) continue;
    [best, least] = [vertex, distance];
  }
  return best;
}
