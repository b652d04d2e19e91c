/** The choice of what colour says, and the legend that fits it. */
import { categories, FIRST, makePalette, NONE, ramp } from '../../draw/palette.js';
import { colorModes, modulusOf, MOST_MODULUS, USUAL_MODULUS } from '../../state/colors.js';
import { cssColor } from '../../draw/color.js';
import { el, fill } from '../element.js';
import { count, plural } from '../numbers.js';
import { MOST_PATCHES } from './patch-sheet.js';

/** @import { Coloring, Legend } from './coloring.js' */
/** @import { Groups } from './groups.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Colors, Context } from '../types.js' */

const RAMP_STEPS = 12;

/**
 * @param {Context} context
 * @param {Selection} selection
 * @param {(color: string) => boolean} [suits] whether the view can show a mode; without it, all are offered
 */
export function colorChoice({ report, state }, { model, color }, suits = () => true) {
  const modes = colorModes(report.manifest, report.model(model)).filter(({ id }) => suits(id));
  const modulus = modulusOf(color);
  const chosen = modulus !== undefined ? `modulo-${USUAL_MODULUS}` : color;
  const set = (/** @type {string} */ next) => state.set({ color: next }, { push: false });
  const option = (/** @type {{id: string, text: string}} */ { id, text }) =>
    el('option', { value: id, selected: id === chosen }, text);
  const groups = [...new Set(modes.map(({ group }) => group))].filter(Boolean);
  const select = el('select', { 'aria-label': 'Colour', onchange: () => set(select.value) },
    ...modes.filter(({ group }) => !group).map(option),
    ...groups.map((group) =>
      el('optgroup', { label: group }, ...modes.filter((mode) => mode.group === group).map(option))));
  if (!suits(color)) select.value = 'kind';
  const period = modulus !== undefined
    && el('label', { class: 'chip', 'data-tip': 'Tokens whose positions differ by this much get the same colour.' },
      el('span', { class: 'chip-label' }, 'n'),
    el('input',
      { class: 'period', type: 'number', min: '2', max: String(MOST_MODULUS), value: String(modulus),
        'aria-label': 'n of position modulo n', onchange: changed }));
  /** @param {Event} event */
  function changed(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const n = Math.min(Math.max(Math.round(Number(input.value)) || USUAL_MODULUS, 2), MOST_MODULUS);
    input.value = String(n);
    set(`modulo-${n}`);
  }
  return [el('label', { class: 'chip' }, el('span', { class: 'chip-label' }, 'Colour'), select), period];
}

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

/** @param {Extract<Legend, {type: 'ramp'}>} legend @param {Colors} colors */
function rampLegend(legend, colors) {
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
  return [el('span', { class: 'ramp' }, el('span', { class: 'ramp-title' }, legend.title),
    el('span', { class: 'ramp-scale' }, bar, el('span', { class: 'ramp-ticks' }, ...ticks))),
    legend.note ? el('span', { class: 'quiet' }, legend.note) : null];
}

/** @param {Extract<Legend, {type: 'groups'}>} legend @param {Uint8Array} palette */
function groupLegend({ title, groups, name }, palette) {
  return [
    el('span', { class: 'quiet' }, title),
    ...groups.named.map(({ slot, value, count: points }) => {
      const swatch = el('span', { class: 'legend-swatch' });
      swatch.style.background =
        cssColor(/** @type {[number, number, number]} */ ([...palette.subarray(3 * slot, 3 * slot + 3)]));
      return el('span', { class: 'legend-item', tabIndex: 0, 'data-slot': slot }, swatch, el('bdi', {}, name(value)),
        el('span', { class: 'quiet' }, count(points)));
    }),
    ...restLegend(groups, palette),
  ];
}

/** @param {Groups} groups @param {Uint8Array} palette */
function restLegend({ named, rest, none }, palette) {
  const tone = el('span', { class: 'legend-swatch several' });
  const from = FIRST + categories([0, 0, 0]).length;
  const stops = [0, 6,
    12, 18].map((i) =>
    cssColor(/** @type {[number, number, number]} */ ([...palette.subarray(3 * (from + i), 3 * (from + i) + 3)])));
  tone.style.background = `conic-gradient(${stops.join(', ')})`;
  return [
    rest.values > 0
      && el('span',
        { class: 'legend-item', 'data-tip': 'Each has one of 24 quiet tones, always the same; several share one.' },
      tone, named.length > 0 ? plural(rest.values, 'other') : plural(rest.values, 'value'),
      el('span', { class: 'quiet' }, count(rest.count))),
    none > 0 && el('span', { class: 'legend-item', tabIndex: 0, 'data-slot': NONE },
      el('span', { class: 'legend-swatch none' }), 'none', el('span', { class: 'quiet' }, count(none))),
  ];
}
