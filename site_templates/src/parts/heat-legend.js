/** The scale of a shading, with its numbers. */
import { el, fill } from './element.js';
import { percent } from './numbers.js';
import { levelOf, USUAL_SCALE } from './shading.js';

/** @import { Heat } from '../draw/heat.js' */
/** @import { Scale } from './shading.js' */

const WIDTH = 72;

export function createHeatLegend() {
  const ramp = el('canvas', { class: 'heat-ramp', width: WIDTH, height: 1, 'aria-hidden': 'true' });
  const most = el('span', {});
  const element = el('span', { class: 'heat-legend', hidden: true }, '0', ramp, most);
  /** @type {Heat | undefined} */
  let drawn;
  let law = '';
  return {
    element,
    /**
     * @param {number | undefined} top the share of the strongest shade @param {Heat} heat
     * @param {Pick<Scale, 'scale' | 'exponent'>} [scale]
     */
    show(top, heat, scale = USUAL_SCALE) {
      element.hidden = !top;
      if (top) fill(most, percent(top));
      const next = `${scale.scale} ${scale.exponent}`;
      if (heat === drawn && next === law) return;
      drawn = heat;
      law = next;
      const level = levelOf(scale);
      const ink = /** @type {CanvasRenderingContext2D} */ (ramp.getContext('2d'));
      for (let x = 0; x < WIDTH; x++) {
        const [r, g, b] = heat.colors[level(x / (WIDTH - 1))];
        ink.fillStyle = `rgb(${r},${g},${b})`;
        ink.fillRect(x, 0, 1, 1);
      }
    },
  };
}
