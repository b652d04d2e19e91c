/** Two small pictures of a head: its attention by offset, and how its rows' entropies are spread. */
import { el } from '../../parts/element.js';
import { figure, percent } from '../../parts/numbers.js';
import { svg } from '../../parts/svg.js';

/** @import { Head } from '../../parts/types.js' */

/** Measures in the drawing's own units, which are CSS pixels at the inspector's usual width. */
const WIDTH = 298;
const HEIGHT = 58;
const STRIP = 16;
/** The scale of a profile that is all small: its bars must not look like a lot. */
const LEAST_SCALE = 0.1;

/** "−1", "+3", "0". @param {number} offset */
function signed(offset) {
  return offset < 0 ? `−${-offset}` : offset > 0 ? `+${offset}` : '0';
}

/** The offset with most attention, in words. @param {readonly (number | null)[]} offsets */
export function strongestOffset(offsets) {
  const reach = (offsets.length - 1) / 2;
  const best =
    offsets.reduce((/** @type {number} */ most, value, i) => ((value ?? -1) > (offsets[most] ?? -1) ? i : most), 0);
  return { offset: best - reach, share: offsets[best] ?? NaN };
}

/** Mean attention at offsets −16 … 16. @param {Head} head */
export function offsetProfile({ offsets }) {
  if (!offsets || offsets.every((value) => value === null)) return null;
  const reach = (offsets.length - 1) / 2;
  const { offset, share } = strongestOffset(offsets);
  const top = Math.max(share, LEAST_SCALE);
  const step = WIDTH / offsets.length;
  const bars = offsets.flatMap((value, i) => {
    const height = HEIGHT * Math.max(0, (value ?? 0) / top);
    const tip = `Offset ${signed(i - reach)}: ${value === null ? 'never in sight' : `${percent(value)} of attention, `
      + `averaged over rows that may see it`}`;
    return [
      svg('rect', { class: 'profile-bar', x: i * step + 1, y: HEIGHT - height, width: step - 2, height }),
      svg('rect', { class: 'profile-hit', x: i * step, y: 0, width: step, height: HEIGHT, 'data-tip': tip }),
    ];
  });
  const middle = (reach + 0.5) * step;
  const drawing = svg('svg',
    { class: 'profile', viewBox: `0 0 ${WIDTH} ${HEIGHT + 15}`, role: 'img',
      'aria-label': `Mean attention by offset, from ${signed(-reach)} to ${signed(reach)}: most at ${signed(offset)}, `
        + `${percent(share)}` },
    svg('line', { class: 'profile-zero', x1: middle, x2: middle, y1: 0, y2: HEIGHT }), ...bars,
    svg('line', { class: 'profile-axis', x1: 0, x2: WIDTH, y1: HEIGHT, y2: HEIGHT }),
    svg('text', { x: 0, y: HEIGHT + 12 }, `${signed(-reach)} before`),
    svg('text', { x: middle, y: HEIGHT + 12, 'text-anchor': 'middle' }, 'itself'),
    svg('text', { x: WIDTH, y: HEIGHT + 12, 'text-anchor': 'end' }, `${signed(reach)} after`));
  return el('div', { class: 'picture-card' },
    el('h3', {}, 'Attention by offset', el('span', { class: 'scale' }, `full bar ${percent(top)}`)), drawing);
}

/**
 * Where tenths of all rows lie between the least and the largest entropy.
 * @param {Head} head
 * @param {readonly Head[]} heads all of the model's, for one scale
 */
export function entropySpread({ entropy_deciles: deciles = [] }, heads) {
  if (deciles.length < 3) return null;
  const top =
    heads.reduce((most, { entropy_deciles: other = [] }) => Math.max(most, other[other.length - 1] ?? 0), 1e-9);
  /** @param {number} value */
  const at = (value) => (WIDTH * value) / top;
  const [least, low, median, high, largest] = [0, 1, 5, 9, 10].map((i) => deciles[i]);
  const nats = (/** @type {number} */ value) => figure(value, 'nats');
  const words = `Half of all rows have an entropy below ${nats(median)} nats; one in ten lies below ${nats(low)}, one `
    + `in ten above ${nats(high)}.`;
  const drawing = svg('svg',
    { class: 'spread', viewBox: `0 0 ${WIDTH} ${STRIP}`, role: 'img', 'aria-label': words,
      'data-tip': `${words} Ticks are tenths of rows, from ${nats(least)} to ${nats(largest)}.` },
    svg('line', { class: 'profile-axis', x1: 0, x2: WIDTH, y1: STRIP / 2, y2: STRIP / 2 }),
    svg('rect',
      { class: 'spread-band', x: at(low), y: 4, width: Math.max(1, at(high) - at(low)), height: STRIP - 8, rx: 2 }),
    ...deciles.map((value, i) => svg('line',
      { class: i === 5 ? 'spread-median' : 'spread-tick', x1: at(value), x2: at(value), y1: i === 5 ? 0 : 3,
        y2: i === 5 ? STRIP : STRIP - 3 })));
  return el('div', { class: 'picture-card' },
    el('h3', {}, 'Entropy of rows', el('span', { class: 'scale' }, `0 to ${nats(top)} nats`)), drawing);
}
