/** What the colour of a head's point says: its layer, the label it has first, or a column of the table. */
import { cssColor } from '../../draw/color.js';
import { categories, ramp } from '../../draw/palette.js';
import { leadingLabels } from '../../state/awake.js';
import { columnsOf } from '../../state/head-columns.js';
import { rampLegend } from '../../parts/color/legend.js';
import { makeScale } from '../../parts/color/scale.js';
import { el } from '../../parts/element.js';

/** @import { Rgb } from '../../draw/types.js' */
/** @import { Model } from '../../data/types.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Head } from '../../parts/types.js' */
/** @import { Column } from '../../state/head-columns.js' */

/**
 * null is the style sheet's tone for heads without a label or value.
 * @typedef {{of: (head: Head) => string | null, legend: () => Node[]}} Tint
 */

const STEPS = 12;

/**
 * @param {Model} model
 * @param {readonly Head[]} heads all of the model's
 * @param {Selection['tint']} tint
 * @param {Rgb} page
 * @returns {Tint}
 */
export function tintHeads(model, heads, tint, page) {
  if (tint === 'layer') return byLayer(heads, page);
  const column = columnsOf(model).find(({ name }) => name === tint);
  return column ? byColumn(column, heads, page) : byLabel(model, heads, page);
}

/** @param {readonly Head[]} heads @param {Rgb} page @returns {Tint} */
function byLayer(heads, page) {
  const last = Math.max(1, ...heads.map(({ layer }) => layer));
  return {
    of: ({ layer }) => cssColor(ramp(layer / last, page)),
    legend() {
      const bar = el('span', { class: 'tint-ramp' });
      bar.style.background = `linear-gradient(90deg, `
        + `${Array.from({ length: STEPS }, (_, i) => cssColor(ramp(i / (STEPS - 1), page))).join(', ')})`;
      return [el('span', { class: 'legend' }, 'layer 0', bar, String(last))];
    },
  };
}

/** @param {Column} column @param {readonly Head[]} heads @param {Rgb} page @returns {Tint} */
function byColumn({ title, value }, heads, page) {
  const scale = makeScale(heads.map((head) => value(head) ?? NaN));
  const none = heads.some((head) => value(head) === null);
  return {
    of(head) {
      const at = value(head);
      return at === null ? null : cssColor(ramp(scale.place(at), page));
    },
    legend: () => [...rampLegend({ title, ticks: scale.ticks }, { page }), ...(none ? [withoutColor('none')] : [])]
      .filter((node) => node !== null),
  };
}

/** What has no colour. @param {string} words */
function withoutColor(words) {
  return el('span', { class: 'legend-item' }, el('span', { class: 'legend-swatch none' }), words);
}

/**
 * The labels that some head has first: there are more kinds than colours that can be told apart.
 * @param {Model} model
 * @param {readonly Head[]} heads
 * @param {Rgb} page
 * @returns {Tint}
 */
function byLabel(model, heads, page) {
  const first = (/** @type {Head} */ head) => leadingLabels(head)[0]?.name ?? '';
  const used = (model.labels ?? []).filter(({ name }) => heads.some((head) => first(head) === name));
  const hues = categories(page);
  const colored = used.slice(0, hues.length);
  const colors = new Map(colored.map(({ name }, i) => [name, cssColor(hues[i])]));
  return {
    of: (head) => colors.get(first(head)) ?? null,
    legend() {
      const items = colored.map(({ name, title }) => {
        const swatch = el('span', { class: 'legend-swatch' });
        swatch.style.background = colors.get(name) ?? '';
        return el('span', { class: 'legend-item' }, swatch, title);
      });
      const rest = used.length > colored.length ? 'another, or none' : 'none';
      return [...items, withoutColor(rest)];
    },
  };
}
