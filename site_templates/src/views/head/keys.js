/** What keys do on a head's map, and how the page says so. */
import { neighbour } from '../../state/layout.js';
import { STEPS } from '../../parts/steps.js';

/** @import { Context } from '../../parts/types.js' */
/** @import { createCursor } from './cursor.js' */
/** @import { Spot } from './gestures.js' */
/** @import { Scene } from './scene.js' */

/** An arrow key turns a solid map by so much, in radians. */
const TURN = Math.PI / 24;
const KEY_ZOOM = 1.3;

export const HINTS = {
  flat: 'Drag moves, Shift-drag selects, wheel or pinch zooms, arrow keys step to other heads, Enter goes to points',
  solid: 'Drag or arrow keys turn, Shift-drag moves, wheel or pinch zooms, Shift-arrows step to other heads',
  mapless: 'Arrow keys step to other heads',
};

/**
 * Does what a key asks for; false where it asks for nothing.
 * @param {Context} context
 * @param {Scene} scene
 * @param {object} map
 * @param {(factor: number, at?: Spot) => void} map.zoomBy
 * @param {() => void} map.reset
 * @param {() => boolean} map.letGo of a selected part
 * @param {ReturnType<typeof createCursor>} map.cursor
 * @returns {(key: string) => boolean}
 */
export function createKeys({ state, rows }, scene, { zoomBy, reset, letGo, cursor }) {
  /** @param {readonly [across: number, down: number]} step */
  function move(step) {
    const { model, head } = state.get();
    if (cursor.active) cursor.step(step);
    else if (scene.solid) scene.look((eye) => eye.turn(TURN * step[0], TURN * step[1]));
    else state.set({ head: neighbour(rows(model), head, ...step)?.id ?? head }, { push: false });
  }
  /** @param {number} factor */
  function zoom(factor) {
    zoomBy(factor, cursor.at);
    if (cursor.active) cursor.again();
  }
  function release() {
    if (cursor.active) cursor.end();
    else if (letGo()) return true;
    else if (state.get().doc !== null) state.set({ doc: null, token: null });
    else return false;
    return true;
  }
  return (key) => {
    const step = STEPS[key];
    if (step) move(step);
    else if (key === '+' || key === '=') zoom(KEY_ZOOM);
    else if (key === '-') zoom(1 / KEY_ZOOM);
    else if (key === '0') reset();
    else if (key === 'Enter' && cursor.active) cursor.select();
    else if (key === 'Enter' && scene.data) cursor.begin();
    else if (key === 'Escape') return release();
    else return false;
    return true;
  };
}
