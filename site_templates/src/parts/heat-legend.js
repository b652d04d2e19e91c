/** The scale of a shading, with its numbers. */
import { HEAT_EXPONENT, HEAT_STEPS } from '../draw/heat.js';
import { el, fill } from './element.js';
import { percent } from './numbers.js';

/** @import { Heat } from '../draw/heat.js' */

const WIDTH = 72;

export function createHeatLegend() {
  const ramp = el('canvas', { class: 'heat-ramp', width: WIDTH, height: 1, 'aria-hidden': 'true' });
  const most = el('span', {});
  const element = el('span', { class: 'heat-legend', hidden: true }, '0', ramp, most);
  /** @type {Heat | undefined} */
  let drawn;
  return {
    element,
    /** @param {number | undefined} top the share of the strongest shade @param {Heat} heat */
    show(top, heat) {
      element.hidden = !top;
      if (top) fill(most, percent(top));
      if (heat === drawn) return;
      drawn = heat;
      const ink = /** @type {CanvasRenderingContext2D} */ (ramp.getContext('2d'));
      for (let x = 0; x < WIDTH; x++) {
        const [r, g, b] = heat.colors[Math.round((x / (WIDTH - 1)) ** HEAT_EXPONENT * HEAT_STEPS)];
        ink.fillStyle = `rgb(${r},${g},${b})`;
        ink.fillRect(x, 0, 1, 1);
      }
    },
  };
}
