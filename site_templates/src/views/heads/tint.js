/** What the colour of a head's point says: its layer, or the label it has first. */
import { cssColor } from '../../draw/color.js';
import { categories, ramp } from '../../draw/palette.js';
import { leadingLabels } from '../../state/awake.js';
import { el } from '../../parts/element.js';

/** @import { Rgb } from '../../draw/types.js' */
/** @import { Model } from '../../data/types.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Head } from '../../parts/types.js' */

/**
 * null is the style sheet's tone for heads without a label.
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
  return tint === 'layer' ? byLayer(heads, page) : byLabel(model, heads, page);
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
      return [...items, el('span', { class: 'legend-item' }, el('span', { class: 'legend-swatch none' }), rest)];
    },
  };
}
