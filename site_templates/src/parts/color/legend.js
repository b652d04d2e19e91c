/** The legend of a colouring. */
import { categories, FIRST, makePalette, NONE, ramp } from '../../draw/palette.js';
import { cssColor } from '../../draw/color.js';
import { el, fill } from '../element.js';
import { count, plural } from '../numbers.js';
import { MOST_PATCHES } from './patch-sheet.js';

/** @import { Coloring, Legend } from './coloring.js' */
/** @import { Groups } from './groups.js' */
/** @import { Colors } from '../types.js' */

const RAMP_STEPS = 12;
const REPEATED_TONES = 'Each has one of 24 quiet tones, always the same; several share one.';

/**
 * The legend's two places: what shapes mean beside the controls, what colours mean in a line below.
 * @param {(slot: number) => void} onPoint a name is pointed at, by its palette slot; −1: none is
 */
export function createLegend(onPoint) {
  const short = el('span', { class: 'legend-group' });
  const long = el('div', { class: 'legend-line', hidden: true });
  const point = (/** @type {Event} */ event) => {
    const item = event.target instanceof Element ? event.target.closest('[data-slot]') : null;
    onPoint(item instanceof HTMLElement ? Number(item.dataset.slot) : -1);
  };
  for (const type of ['pointerover', 'focusin']) long.addEventListener(type, point);
  for (const type of ['pointerleave', 'focusout']) long.addEventListener(type, () => onPoint(-1));
  return {
    short,
    long,
    /** @param {Coloring} coloring @param {Colors} colors */
    show({ legend, hues }, colors) {
      fill(short, shapes(legend.type === 'kind' || legend.type === 'patch'));
      long.hidden = legend.type === 'kind';
      fill(long, ...longLegend(legend, colors, hues));
    },
    /** What is being worked out. @param {string} text */
    wait(text) {
      fill(short, shapes(false));
      long.hidden = false;
      fill(long, el('span', { class: 'quiet', role: 'status' }, el('span', { class: 'busy-dot' }), text));
    },
    /** Why colours cannot be shown. @param {Error} error */
    fail(error) {
      fill(short, shapes(true));
      long.hidden = false;
      fill(long, el('span', { class: 'caution', role: 'status' }, `This colouring cannot be shown. ${error.message}`));
    },
    clear() {
      fill(short);
      long.hidden = true;
    },
  };
}

/** @param {boolean} colored whether the hue too tells queries from keys */
function shapes(colored) {
  return el('span', { class: colored ? 'legend' : 'legend plain' },
    el('span', { class: 'legend-dot' }), 'query', el('span', { class: 'legend-diamond' }), 'key');
}

/** @param {Legend} legend @param {Colors} colors @param {Coloring['hues']} hues */
function longLegend(legend, colors, hues) {
  if (legend.type === 'groups') return groupLegend(legend, makePalette(colors, hues(colors)));
  if (legend.type === 'ramp') return rampLegend(legend, colors);
  if (legend.type === 'patch') return [el('span', { class: 'quiet' }, patchWords(legend.points))];
  return [legend.type === 'mean' && el('span', { class: 'quiet' }, 'Each point in the mean colour of its patch')];
}

/** @param {number} points that have patches */
function patchWords(points) {
  const some = points > MOST_PATCHES ? `; of those in sight ${count(MOST_PATCHES)} at most, a fair sample` : '';
  return `Each query and key drawn as its patch, framed in its colour${some}`;
}

/** @param {Omit<Extract<Legend, {type: 'ramp'}>, 'type'>} legend @param {Pick<Colors, 'page'>} colors */
export function rampLegend(legend, colors) {
  const bar = el('span', { class: 'ramp-bar' });
  const stops = Array.from({ length: RAMP_STEPS + 1 }, (_, i) => cssColor(ramp(i / RAMP_STEPS, colors.page)));
  bar.style.background = `linear-gradient(90deg, ${stops.join(', ')})`;
  const ticks = legend.ticks.map(({ at, text }) => {
    const tick = el('span', { class: 'ramp-tick' }, text);
    tick.style.left = `${100 * at}%`;
    // The outermost stay within the ramp's own width.
    if (at < 0.12 || at > 0.88) tick.classList.add(at < 0.12 ? 'first' : 'last');
    return tick;
  });
  const scale = el('span', { class: 'ramp-scale' }, bar, el('span', { class: 'ramp-ticks' }, ...ticks));
  return [
    el('span', { class: 'ramp' }, el('span', { class: 'ramp-title' }, legend.title), scale),
    legend.note ? el('span', { class: 'quiet' }, legend.note) : null,
  ];
}

/** @param {Extract<Legend, {type: 'groups'}>} legend @param {Uint8Array} palette */
function groupLegend({ title, groups, name }, palette) {
  return [
    el('span', { class: 'quiet' }, title),
    ...groups.named.map(({ slot, value, count: points }) => {
      const swatch = el('span', { class: 'legend-swatch' });
      swatch.style.background = slotColor(palette, slot);
      return el('span', { class: 'legend-item', tabIndex: 0, 'data-slot': slot }, swatch, el('bdi', {}, name(value)),
        el('span', { class: 'quiet' }, count(points)));
    }),
    groups.rest.values > 0 && restItem(groups, palette),
    groups.none > 0 && el('span', { class: 'legend-item', tabIndex: 0, 'data-slot': NONE },
      el('span', { class: 'legend-swatch none' }), 'none', el('span', { class: 'quiet' }, count(groups.none))),
  ];
}

/**
 * What has no colour of its own: a few quiet tones, which repeat.
 * @param {Groups} groups
 * @param {Uint8Array} palette
 */
function restItem({ named, rest }, palette) {
  const swatch = el('span', { class: 'legend-swatch several' });
  const firstTone = FIRST + categories([0, 0, 0]).length;
  const tones = [0, 6, 12, 18].map((tone) => slotColor(palette, firstTone + tone));
  swatch.style.background = `conic-gradient(${tones.join(', ')})`;
  return el('span', { class: 'legend-item', 'data-tip': REPEATED_TONES },
    swatch, named.length > 0 ? plural(rest.values, 'other') : plural(rest.values, 'value'),
    el('span', { class: 'quiet' }, count(rest.count)));
}

/** @param {Uint8Array} palette @param {number} slot */
function slotColor(palette, slot) {
  return cssColor([palette[3 * slot], palette[3 * slot + 1], palette[3 * slot + 2]]);
}
