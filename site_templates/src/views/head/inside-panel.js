/** The panel beside a map that tells what its selected part holds: types of tokens, the most over-represented first. */
import { el, fill, icon } from '../../parts/element.js';
import { count, plural } from '../../parts/numbers.js';
import { writeMark } from './inside.js';

/** @import { Context } from '../../parts/types.js' */
/** @import { Inside } from './inside.js' */

/** Rows of each table that are shown at first. */
const FEW = 12;
const MEANING = '× is the share of the selected points, divided by the share of all points of the map. z tells it from '
  + 'chance: the signed root of the likelihood ratio; beyond 4 is hardly chance, even among some thousand types.';
const COLUMNS = ['Token', 'Inside', '×', 'z'];
/** One, several. @type {readonly [[string, string], [string, string]]} */
const NAMES = [['query', 'queries'], ['key', 'keys']];
const MOST_NEIGHBOURS = 5000;

/** @param {Context} context */
export function createInsidePanel({ state }) {
  const element = el('section', { class: 'inside', 'aria-label': 'Selected part of the map', hidden: true });
  /** Which tables are shown whole. @type {[boolean, boolean]} */
  const unfolded = [false, false];
  const close = el('button', {
    type: 'button', class: 'tool square', 'aria-label': 'Let go of the selected part', title: 'Let go (Esc)',
    onclick: () => state.set({ area: '', mark: '' }),
  }, icon('close'));

  /** @param {Inside | undefined} inside */
  function show(inside) {
    element.hidden = inside === undefined;
    if (!inside) return fill(element);
    const focused = document.activeElement instanceof HTMLElement && element.contains(document.activeElement)
      ? document.activeElement.dataset.mark : undefined;
    fill(element, el('header', {}, el('h2', {}, titleOf(inside)), close), neighboursField(inside),
      el('p', { class: 'quiet', role: 'status' }, countsOf(inside)),
      ...tableOf(inside, 0), ...tableOf(inside, 1), el('p', { class: 'quiet meaning' }, MEANING));
    if (focused) {
      const same = [...element.querySelectorAll('button')].find(({ dataset }) => dataset.mark === focused);
      same?.focus();
    }
  }

  /** How many neighbours, where the part is the neighbours of a point. @param {Inside} inside */
  function neighboursField({ area }) {
    if (area.kind !== 'near') return null;
    const input = el('input', {
      class: 'period', type: 'number', min: '2', max: String(MOST_NEIGHBOURS), value: String(area.neighbours),
      onchange: () => {
        const most = Math.min(Math.max(Math.round(Number(input.value)) || 2, 2), MOST_NEIGHBOURS);
        state.set({ area: String(most) }, { push: false });
      },
    });
    return el('label', { class: 'chip' }, el('span', { class: 'chip-label' }, 'Points'), input);
  }

  /** @param {Inside} inside @param {0 | 1} kind */
  function tableOf(inside, kind) {
    const rows = inside.rows[kind];
    if (rows.length === 0) return [];
    const most = unfolded[kind] ? rows.length : FEW;
    const { mark } = state.get();
    const lines = rows.slice(0, most).map(({ type, inside: here, all, ratio, score }) => {
      const text = writeMark(kind, inside.types.names[type]);
      const pick = el('button', {
        type: 'button', class: 'link-button', 'data-mark': text, 'aria-pressed': String(mark === text),
        onclick: () => state.set({ mark: mark === text ? '' : text }, { push: false }),
      }, el('bdi', {}, inside.types.names[type]));
      return el('tr', { class: mark === text ? 'marked' : null }, el('th', { scope: 'row' }, pick),
        el('td', {}, `${count(here)} of ${count(all)}`), el('td', {}, times(ratio)), el('td', {}, score.toFixed(1)));
    });
    return [
      el('table', { class: kind === 0 ? 'of-queries' : 'of-keys' },
        el('caption', {}, el('span', { class: kind === 0 ? 'legend-dot' : 'legend-diamond' }),
          `${plural(inside.counts[kind], ...NAMES[kind])}, ${plural(rows.length, 'type')}`),
        el('thead', {}, el('tr', {}, ...COLUMNS.map((title) => el('th', { scope: 'col' }, title)))),
        el('tbody', {}, ...lines)),
      rows.length > FEW && el('button', {
        type: 'button', class: 'link-button', onclick: () => {
          unfolded[kind] = !unfolded[kind];
          show(inside);
        },
      }, unfolded[kind] ? 'Show fewer' : `Show all ${count(rows.length)}`),
    ];
  }
  return { element, show };
}

/** @param {Inside} inside */
function titleOf({ area }) {
  if (area.kind === 'near') return 'Near the selected point';
  return area.kind === 'box' ? 'In the box' : 'In the lasso';
}

/** @param {Inside} inside */
function countsOf({ vertices, types }) {
  const all = types.of[0].length + types.of[1].length;
  return vertices.length === 0 ? 'No point lies in it.' : `${count(vertices.length)} of ${count(all)} points`;
}

/** "× 8.2", "× 31". @param {number} ratio */
function times(ratio) {
  return ratio < 9.95 ? ratio.toFixed(ratio < 0.995 ? 2 : 1) : String(Math.round(ratio));
}
