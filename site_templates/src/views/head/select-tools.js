/** The buttons that select a part of a map: by a box, by a lasso, all that is in sight, what lies near a point. */
import { el, icon } from '../../parts/element.js';

/** @typedef {'' | 'box' | 'lasso'} Tool what the next drag does; '' moves the map */

/** @param {{onSight: () => void, onNear: () => void}} actions */
export function createSelectTools({ onSight, onNear }) {
  /** @type {Tool} */
  let tool = '';
  /** @param {Tool} next */
  const take = (next) => {
    tool = next;
    box.setAttribute('aria-pressed', String(tool === 'box'));
    lasso.setAttribute('aria-pressed', String(tool === 'lasso'));
    element.dataset.tool = tool;
  };
  /** @param {'box' | 'lasso'} next */
  const toggle = (next) => take(tool === next ? '' : next);
  const box = button('box', 'Select by a box: drag over the map', () => toggle('box'));
  const lasso = button('lasso', 'Select by a lasso: drag around points', () => toggle('lasso'));
  const sight = button('sight', 'Select all points in sight', onSight);
  const near = button('near', 'Select what lies near the selected point', onNear);
  const element = el('div', { class: 'select-tools', role: 'group', 'aria-label': 'Select a part of the map' },
    box, lasso, sight, near);
  take('');
  return {
    element,
    /** What the next drag does. */
    tool: () => tool,
    take,
    /** @param {boolean} possible whether a point is selected that others can be near to */
    offerNear(possible) {
      near.disabled = !possible;
    },
  };
}

/** @param {'box' | 'lasso' | 'sight' | 'near'} name @param {string} label @param {() => void} onclick */
function button(name, label, onclick) {
  return el('button', { type: 'button', title: label, 'aria-label': label, 'data-select': name, onclick }, icon(name));
}
