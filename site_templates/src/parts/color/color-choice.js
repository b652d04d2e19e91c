/** The choice of what colour says. */
import { colorModes, modulusOf, MOST_MODULUS, USUAL_MODULUS } from '../../state/colors.js';
import { el } from '../element.js';

/** @import { ColorMode } from '../../state/colors.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Context } from '../types.js' */

/**
 * @param {Context} context
 * @param {Selection} selection
 * @param {(color: string) => boolean} [suits] whether the view can show a mode; without it, all are offered
 */
export function colorChoice({ report, state }, { model, color }, suits = () => true) {
  const modes = colorModes(report.manifest, report.model(model)).filter(({ id }) => suits(id));
  const modulus = modulusOf(color);
  /** @param {string} next */
  const set = (next) => state.set({ color: next }, { push: false });
  const select = makeSelect(modes, modulus === undefined ? color : `modulo-${USUAL_MODULUS}`, set);
  if (!suits(color)) select.value = 'kind';
  return [
    el('label', { class: 'chip' }, el('span', { class: 'chip-label' }, 'Colour'), select),
    modulus !== undefined && periodField(modulus, (n) => set(`modulo-${n}`)),
  ];
}

/** @param {readonly ColorMode[]} modes @param {string} selected @param {(id: string) => void} onChange */
function makeSelect(modes, selected, onChange) {
  /** @param {ColorMode} mode */
  const option = ({ id, text }) => el('option', { value: id, selected: id === selected }, text);
  const groups = [...new Set(modes.map(({ group }) => group))].filter(Boolean);
  const select = el('select', { 'aria-label': 'Colour', onchange: () => onChange(select.value) },
    ...modes.filter(({ group }) => !group).map(option),
    ...groups.map((label) => el('optgroup', { label }, ...modes.filter(({ group }) => group === label).map(option))));
  return select;
}

/** The n of "position modulo n". @param {number} modulus @param {(n: number) => void} onChange */
function periodField(modulus, onChange) {
  const input = el('input', {
    class: 'period', type: 'number', min: '2', max: String(MOST_MODULUS), value: String(modulus),
    'aria-label': 'n of position modulo n', onchange: change,
  });
  function change() {
    const n = Math.min(Math.max(Math.round(Number(input.value)) || USUAL_MODULUS, 2), MOST_MODULUS);
    input.value = String(n);
    onChange(n);
  }
  return el('label', { class: 'chip', 'data-tip': 'Tokens whose positions differ by this much get the same colour.' },
    el('span', { class: 'chip-label' }, 'n'), input);
}
