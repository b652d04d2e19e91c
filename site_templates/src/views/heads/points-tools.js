/** What is set and said around heads as points: axes, colour, and how far the picture may be believed. */
import { columnsOf } from '../../state/head-columns.js';
import { choice, el, fill } from '../../parts/element.js';
import { plural, rounded } from '../../parts/numbers.js';
import { tintHeads } from './tint.js';
import { stackName } from '../../parts/stacks.js';

/** @import { HeadLayout, Model } from '../../data/types.js' */
/** @import { Points } from '../../state/heads-points.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Context, Head } from '../../parts/types.js' */

/** @param {Context} context */
export function createPointsTools({ report, state, theme }) {
  const controls = el('div', { class: 'tools' });
  const legend = el('div', { class: 'legend-line' });
  const words = el('p', { class: 'points-words' });
  const element =
    el('div', { class: 'points-tools', hidden: true }, el('div', { class: 'points-row' }, words, controls), legend);
  let built = '';

  /** @param {Partial<Selection>} patch */
  const set = (patch) => state.set(patch, { push: false });
  /** @param {Model} model @param {Selection} selection */
  const build = (model, selection) => {
    const options = columnsOf(model).map(({ name, title }) => ({ value: name, text: title }));
    const axes = selection.show === 'points'
      ? [choice('Across', options, selection.x, (x) => set({ x })),
        choice('Up', options, selection.y, (y) => set({ y }))] : [];
    fill(controls, ...axes,
      layoutChoice(model, selection, report.heads(model.name), (head) => state.set({ head }, { push: false })),
      choice('Colour', [{ value: 'layer', text: 'layer' }, { value: 'label', text: 'first label' }, ...options],
        selection.tint, (tint) => set({ tint })));
  };

  return {
    element,
    legend,
    words,
    /** @param {Model} model @param {Selection} selection @param {Points} points */
    show(model, selection, points) {
      element.hidden = selection.show === 'table';
      if (element.hidden) return;
      const next =
        [model.name, selection.show, selection.x, selection.y, selection.tint, points.layout?.stacks].join(' ');
      // Built only when something changes, so that a select keeps the focus while others are used.
      if (built !== next) {
        const focused = controls.contains(document.activeElement)
          ? document.activeElement?.getAttribute('aria-label') : null;
        build(model, selection);
        if (focused) {
          /** @type {HTMLElement | null} */ (controls.querySelector(`select[aria-label="${focused}"]`))?.focus();
        }
        built = next;
      }
      fill(legend, ...tintHeads(model, report.heads(model.name), selection.tint, theme.colors().page).legend());
      fill(words, pointsInWords(selection.show, points));
    },
  };
}

/**
 * Stacks on other axes have pictures of their own.
 * @param {Model} model
 * @param {Selection} selection
 * @param {readonly Head[]} heads
 * @param {(head: string) => void} onChange
 */
function layoutChoice(model, { show, head }, heads, onChange) {
  const layouts = model.layouts ?? [];
  if (show !== 'likeness' || layouts.length < 2) return null;
  const stack = heads.find(({ id }) => id === head)?.stack ?? '';
  const options = layouts.map(({ stacks }) => ({ value: stacks[0], text: stacks.map(stackName).join(', ') }));
  const now = layouts.find(({ stacks }) => stacks.includes(stack))?.stacks[0] ?? '';
  return choice('Heads of', options, now, (name) => onChange(heads.find((each) => each.stack === name)?.id ?? head));
}

/** What the picture is, and how true. @param {Selection['show']} show @param {Points} placed */
export function pointsInWords(show, { points, missing, layout }) {
  if (show === 'likeness') {
    return layout ? likenessInWords(layout, points.map(({ head }) => head))
      : 'This report has no layout of heads by what they attend to.';
  }
  const without = missing > 0
    ? ` ${plural(missing, 'head')} without such a value ${missing === 1 ? 'is' : 'are'} left out.` : '';
  return `Each point is a head. Point at it for its name; click selects, Enter opens its map.${without}`;
}

/** @param {HeadLayout} layout @param {readonly Head[]} heads */
function likenessInWords(layout, heads) {
  const { documents, rows, sampled, stress, rank } = layout;
  const measured = `Near heads attend alike: distances are square roots of the mean Jensen–Shannon divergence of `
    + `their attention, over ${plural(rows, 'query', 'queries')} of ${plural(documents, 'document')}`
    + `${sampled ? `, a sample in which each has the same chance; ${largestError(heads)}` : ''}.`;
  if (rank === null || stress === null || heads.length < 3) {
    return `${measured} How true the picture is was not measured.`;
  }
  return `${measured} ${trust(rank)}: distances in the picture follow the measured ones with a rank correlation of `
    + `${rank.toFixed(2).replace('-', '−')}${give(layout.rank_standard_error)} (1 is perfect) and a stress of `
    + `${stress.toFixed(2)}${give(layout.stress_standard_error)} (0 is perfect). The `
    + `panel beside names the truly nearest.`;
}

/** @param {readonly Head[]} heads */
function largestError(heads) {
  const errors = heads.flatMap(({ alike = [] }) => alike.map(({ standard_error: error }) => error ?? 0));
  return `the standard error of a distance to a nearest head is at most ${rounded(Math.max(0, ...errors))}`;
}

/** How far a figure of a sample may be off. @param {number | undefined | null} error */
function give(error) {
  return error === undefined || error === null ? '' : ` ± ${rounded(error)}`;
}

/** @param {number} rank */
function trust(rank) {
  if (rank >= 0.95) return 'The picture may be trusted';
  if (rank >= 0.8) return 'The picture is true at large and rough in detail';
  return 'The picture misleads in places';
}
