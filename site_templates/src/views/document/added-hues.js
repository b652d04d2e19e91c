/** The colours of what raises a logit and of what lowers it. */
import { HEAT_STEPS as STEPS, makeHeat } from '../../draw/heat.js';
import { el } from '../../parts/element.js';
import { signed } from '../../parts/numbers.js';

/** @import { Heat } from '../../draw/heat.js' */
/** @import { Colors } from '../../parts/types.js' */

const WIDTH = 120;
const MEANING = 'Direct logit attribution: what the head’s output at each token adds to the logit of the token that '
  + 'follows, by way of the last norm, whose scale is as it is, and the unembedding. What later layers make of it is '
  + 'theirs.';
/** @type {WeakMap<Colors, Heat>} */
const heats = new WeakMap();

/** Levels 1 to n raise, n + 1 to 2 n lower, n the steps of one hue. @param {Colors} theme @returns {Heat} */
export function heatOf(theme) {
  let heat = heats.get(theme);
  if (!heat) {
    const [up, down] = [theme.accent, theme.caution].map((hue) => makeHeat(theme.page, hue, theme.ink));
    /** @template T @param {(heat: Heat) => readonly T[]} part */
    const both = (part) => [...part(up), ...part(down).slice(1)];
    heat = {
      colors: both(({ colors }) => colors), ink: both(({ ink }) => ink), veil: both(({ veil }) => veil),
      background: both(({ background }) => background),
    };
    heats.set(theme, heat);
  }
  return heat;
}

/** @param {Float64Array} values */
export function largest(values) {
  return values.reduce((most, value) => Math.max(most, Math.abs(value) || 0), 0);
}

/** @param {Float64Array} values @param {number} most */
export function levelsOf(values, most) {
  return Uint8Array.from(values, (value) => {
    const level = Math.round((Math.abs(value) || 0) / (most || 1) * STEPS);
    return value < 0 && level > 0 ? STEPS + level : level;
  });
}

/** @param {number} most @param {Colors} theme */
export function legend(most, theme) {
  const { colors } = heatOf(theme);
  const ramp = el('canvas', { class: 'score-ramp', width: WIDTH, height: 7, 'aria-hidden': 'true' });
  const pen = /** @type {CanvasRenderingContext2D} */ (ramp.getContext('2d'));
  for (let x = 0; x < WIDTH; x++) {
    const part = Math.round((2 * (x + 0.5) / WIDTH - 1) * STEPS);
    pen.fillStyle = `rgb(${colors[part < 0 ? STEPS - part : part].join(',')})`;
    pen.fillRect(x, 0, 1, 7);
  }
  return el('span', { class: 'score-legend', 'data-tip': MEANING }, el('span', {}, `lowers ${signed(-most)}`), ramp,
    el('span', {}, `raises ${signed(most)}`));
}
