/** Which heads of a layer draw lines, and in which colour. */
import { categories } from '../../draw/palette.js';
import { cssColor } from '../../draw/color.js';
import { el, fill } from '../../parts/element.js';
import { LAYER } from '../../state/link-keys.js';

/** @import { Rgb } from '../../draw/types.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Child } from '../../parts/element.js' */
/** @import { Context, Head } from '../../parts/types.js' */

/**
 * The heads whose lines a selection shows: its head's layer, or those that it lists that read the same tokens as its
 * head, else its head.
 * @param {Context['report']} report @param {Selection} selection
 * @returns {Head[]}
 */
export function shownHeads(report, { model, head: id, heads }) {
  const head = report.head(model, id);
  if (!head) return [];
  const { stack, layer } = head;
  if (heads === LAYER) return report.heads(model).filter((other) => other.stack === stack && other.layer === layer);
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

/** A pointer that rests so long on a head, in milliseconds, has its lines drawn; one that passes by has not. */
const REST = 80;

/**
 * @param {Context} context
 * @param {(heads: string | undefined) => void} preview the heads that a click would show, as in a link; undefined where
 *   the pointer has left
 */
export function createHeadChips({ report, state, theme, rows }, preview) {
  const element = el('div', { class: 'head-chips', role: 'group', 'aria-label': 'Heads whose lines are drawn' });
  let resting = 0;
  /** @param {Iterable<string>} heads */
  const set = (heads) => {
    clearTimeout(resting);
    preview(undefined);
    state.set({ heads: [...heads].join(',') }, { push: false });
  };
  /**
   * A button that shows heads, and while the pointer rests on it, shows them for a moment.
   * @param {Record<string, string>} attributes
   * @param {Iterable<string>} heads
   * @param {Child[]} content
   */
  const showing = (attributes, heads, ...content) => el('button', {
    type: 'button', ...attributes,
    onclick: () => set(heads),
    onpointerenter: (/** @type {PointerEvent} */ event) => {
      if (event.pointerType !== 'mouse') return;
      clearTimeout(resting);
      resting = window.setTimeout(() => preview([...heads].join(',')), REST);
    },
    onpointerleave: () => {
      clearTimeout(resting);
      preview(undefined);
    },
  }, ...content);
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
      const chips = layer.map((other) => {
        const swatch = el('span', { class: 'swatch-dot', 'aria-hidden': 'true' });
        if (names.has(other.id)) swatch.style.background = cssColor(hueOf(ids.indexOf(other.id), page));
        const attributes = { 'class': 'head-chip', 'data-chip': other.id, 'aria-pressed': String(names.has(other.id)) };
        if (!names.has(other.id)) return showing(attributes, [...names, other.id], swatch, other.id);
        const others = [...names].filter((id) => id !== other.id);
        return el('button', { type: 'button', ...attributes, onclick: () => set(others) }, swatch, other.id);
      });
      fill(element, ...chips,
        elsewhere.length > 0 && el('span', { class: 'quiet' }, `and ${elsewhere.join(', ')}`),
        showing({ class: 'link-button' }, [LAYER], 'all of the layer'),
        names.size > 1 && showing({ class: 'link-button' }, [], `only ${selection.head}`));
    },
  };
}
