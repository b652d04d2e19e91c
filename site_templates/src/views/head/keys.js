/** What keys do on a head's map, and how the page says so. */
import { neighbour } from '../../state/layout.js';
import { STEPS } from '../../parts/steps.js';

/** @import { Context } from '../../parts/types.js' */
/** @import { Scene } from './scene.js' */

/** An arrow key turns a solid map by so much, in radians. */
const TURN = Math.PI / 24;
const KEY_ZOOM = 1.3;

export const HINTS = {
  flat: 'Drag moves, Shift-drag selects, wheel or pinch zooms, arrow keys step to other heads',
  solid: 'Drag or arrow keys turn, Shift-drag moves, wheel or pinch zooms, Shift-arrows step to other heads',
  mapless: 'Arrow keys step to other heads',
};

/**
 * Does what a key asks for; false where it asks for nothing.
 * @param {Context} context
 * @param {Scene} scene
 * @param {{zoomBy: (factor: number) => void, reset: () => void, letGo: () => boolean}} map `letGo` of a selected part
 * @returns {(key: string) => boolean}
 */
export function createKeys({ state, rows }, scene, { zoomBy, reset, letGo }) {
  return (key) => {
    const { model, head, doc } = state.get();
    const step = STEPS[key];
    if (step && scene.solid) scene.look((eye) => eye.turn(TURN * step[0], TURN * step[1]));
    else if (step) state.set({ head: neighbour(rows(model), head, ...step)?.id ?? head }, { push: false });
    else if (key === '+' || key === '=') zoomBy(KEY_ZOOM);
    else if (key === '-') zoomBy(1 / KEY_ZOOM);
    else if (key === '0') reset();
    else if (key === 'Escape' && letGo()) return true;
    else if (key === 'Escape' && doc !== null) state.set({ doc: null, token: null });
    else return false;
    return true;
  };
}
