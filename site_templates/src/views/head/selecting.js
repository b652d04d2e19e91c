/** Hands that select a part of a head's map: drags with a tool or Shift, and buttons. */
import { simplify, writeArea } from './area.js';
import { boxCorners } from './area-marks.js';
import { kindOf } from './data.js';
import { createInsidePanel } from './inside-panel.js';
import { createSelectTools } from './select-tools.js';

/** @import { Selection } from '../../state/types.js' */
/** @import { Context } from '../../parts/types.js' */
/** @import { Spot } from './gestures.js' */
/** @import { Scene } from './scene.js' */

/** A lasso leaves the drawn line by so many pixels at most. */
const ROUGH = 1.5;
/** Neighbours of a point, to begin with. */
const NEIGHBOURS = 100;

/** @param {Context} context @param {Scene} scene */
export function createSelecting(context, scene) {
  const { state } = context;
  const tools = createSelectTools({ onSight: selectSight, onNear: () => select(String(NEIGHBOURS)) });
  const panel = createInsidePanel(context);
  /** What the drag under way draws. @type {'box' | 'lasso'} */
  let drawing = 'lasso';

  /** @param {string} area */
  function select(area) {
    tools.take('');
    state.set({ area, mark: '' });
  }
  /** @param {readonly Spot[]} corners */
  function selectCorners(corners) {
    const view = scene.panel();
    if (view && scene.data) select(writeArea(corners, view, scene.data.map, scene.gaze.write(true)));
  }
  function selectSight() {
    const { x, y, width, height } = scene.rect();
    selectCorners([{ x, y }, { x: x + width, y: y + height }]);
  }

  return {
    tools: tools.element,
    panel: panel.element,
    /** Whether a press draws: with a tool, or with Shift where that does not move the map. @param {boolean} shift */
    draws(shift) {
      if (!scene.data || (tools.tool() === '' && (!shift || scene.solid))) return false;
      drawing = tools.tool() || 'lasso';
      return true;
    },
    /** @param {readonly Spot[] | undefined} line @param {boolean} done */
    onDraw(line, done) {
      const last = line?.[line.length - 1];
      const box = drawing === 'box' && line && last ? [line[0], last] : undefined;
      scene.drawing = done || !line ? [] : box ? boxCorners(box[0], box[1]) : line;
      scene.redraw();
      if (!done || !line) return;
      const corners = box ?? simplify(line, ROUGH);
      if (box || corners.length > 2) selectCorners(corners);
    },
    /** Lets go of the tool, or of what is selected; false where there is neither. */
    letGo() {
      const { area } = state.get();
      if (tools.tool() !== '') tools.take('');
      else if (area !== '') select('');
      else return false;
      return true;
    },
    /** @param {Selection} selection what is drawn */
    show({ token, side }) {
      const { focus, inside } = scene;
      tools.offerNear(token !== null && focus?.vertices[kindOf(side)].has(token) === true);
      panel.show(inside);
    },
    clear() {
      tools.take('');
      panel.show(undefined);
    },
  };
}
