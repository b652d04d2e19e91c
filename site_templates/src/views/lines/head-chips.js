/** Which heads of a layer draw lines, and in which colour. */
import { categories } from '../../draw/palette.js';
import { cssColor } from '../../draw/color.js';
import { el, fill } from '../../parts/element.js';

/** @import { Rgb } from '../../draw/types.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Context, Head } from '../../parts/types.js' */

/**
 * The heads whose lines a selection shows: those it lists that read the same tokens as its head, else its head.
 * @param {Context['report']} report @param {Selection} selection
 * @returns {Head[]}
 */
export function shownHeads(report, { model, head: id, heads }) {
  const head = report.head(model, id);
  if (!head) return [];
  const { query_axis: queries, key_axis: keys } = head.stackInfo;
  const asked = heads.split(',');
  const listed = report.heads(model).filter((other) => asked.includes(other.id)
    && other.stackInfo.query_axis === queries && other.stackInfo.key_axis === keys);
  return listed.length > 0 ? listed : [head];
}

/** The colour of the heads that are shown, by their place among them; eight can be told apart.
 * @param {number} place @param {Rgb} page @returns {Rgb} */
export function hueOf(place, page) {
  const hues = categories(page);
  return hues[place % hues.length];
}

/** @param {Context} context */
export function createHeadChips({ report, state, theme, rows }) {
  const element = el('div', { class: 'head-chips', role: 'group', 'aria-label': 'Heads whose lines are drawn' });
  return {
    element,
    /** @param {Selection} selection */
    show(selection) {
      const { page } = theme.colors();
      const ids = shownHeads(report, selection).map(({ id }) => id);
      const names = new Set(ids);
      const head = report.head(selection.model, selection.head);
      const layer = rows(selection.model).find((row) => row.heads.some(({ id }) => id === head?.id))?.heads ?? [];
      const elsewhere = [...names].filter((id) => !layer.some((other) => other.id === id));
      /** @param {Iterable<string>} heads */
      const set = (heads) => state.set({ heads: [...heads].join(',') }, { push: false });
      const chips = layer.map((other) => {
        const swatch = el('span', { class: 'swatch-dot', 'aria-hidden': 'true' });
        if (names.has(other.id)) swatch.style.background = cssColor(hueOf(ids.indexOf(other.id), page));
        return el('button', {
          type: 'button', class: 'head-chip', 'data-chip': other.id, 'aria-pressed': String(names.has(other.id)),
          onclick: () => set(names.has(other.id) ? [...names].filter((id) => id !== other.id) : [...names, other.id]),
        }, swatch, other.id);
      });
      fill(element, ...chips,
        elsewhere.length > 0 && el('span', { class: 'quiet' }, `and ${elsewhere.join(', ')}`),
        el('button', { type: 'button', class: 'link-button', onclick: () => set(layer.map(({ id }) => id)) },
          'all of the layer'),
        names.size > 1
          && el('button', { type: 'button', class: 'link-button', onclick: () => set([]) }, `only ${selection.head}`));
    },
  };
}
