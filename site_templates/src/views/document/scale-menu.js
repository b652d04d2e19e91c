/** How shares become shades: the choice of it, and its exact definition. */
import { MOST_CUT, MOST_EXPONENT, MOST_IGNORED } from '../../state/link-keys.js';
import { choice, el, fill } from '../../parts/element.js';
import { createPopover } from '../../parts/popover.js';
import { USUAL_SCALE } from '../../parts/shading.js';

/** @import { Selection, State } from '../../state/types.js' */

const SCALES = [{ value: 'power', text: 'power' }, { value: 'log', text: 'logarithm' }];
const DEFINITIONS = [
  ['Power', 'shade = (share ÷ top) to the exponent. The top is the largest share that counts, at least 5 %.'],
  ['Logarithm', 'shade = 1 + log₁₀(share ÷ top) ÷ 3: none from a thousandth of the top down.'],
  ['Cut-off n', 'Shares up to mean + n · σ get no shade. Mean and σ (its square is the mean squared distance from the '
    + 'mean) are over all tokens that count, each direction for itself. Empty: no cut-off.'],
  ['Ignored first', 'So many of the first tokens get no shade. They do not count, nor do hidden tokens, nor what the '
    + 'mask forbids.'],
  ['Numbers', 'Always the shares themselves, whatever the scale is.'],
];

/** @param {State} state */
export function createScaleMenu(state) {
  const law = el('span', {});
  const exponent = field('Exponent', MOST_EXPONENT, 0.05);
  const cut = field('Cut-off n', MOST_CUT, 0.5);
  const ignore = field('Ignored first', MOST_IGNORED, 1);
  exponent.onchange = () => keep(exponent, { exponent: exponent.valueAsNumber });
  cut.onchange = () => keep(cut, { cut: cut.value === '' ? null : cut.valueAsNumber });
  ignore.onchange = () => keep(ignore, { ignore: Math.round(ignore.valueAsNumber) });
  const reset = el('button', { type: 'button', class: 'link-button',
    onclick: () => state.set(USUAL_SCALE, { push: false }) }, 'The usual scale');
  const about = { class: 'popover scale-panel', hidden: true, role: 'dialog', 'aria-label': 'Scale of the shades' };
  const panel = el('div', about,
    el('div', { class: 'scale-fields' }, law, label('Exponent', exponent), label('Cut-off n', cut),
      label('Ignored first tokens', ignore)),
    el('dl', {}, ...DEFINITIONS.flatMap(([word, text]) => [el('dt', {}, word), el('dd', {}, text)])), reset);
  const button = el('button', { type: 'button', class: 'chip', 'aria-haspopup': 'dialog', 'aria-expanded': 'false' },
    'Scale');
  const element = el('div', { class: 'popover-anchor' }, button, panel);
  createPopover({ anchor: element, button, panel, onOpen: () => panel.querySelector('select')?.focus() });

  /** @param {HTMLInputElement} input @param {Partial<Selection>} patch */
  function keep(input, patch) {
    if (input.validity.valid && (input === cut || input.value !== '')) state.set(patch, { push: false });
    else show(state.get());
  }

  /** @param {Selection} selection */
  function show(selection) {
    const select = law.querySelector('select');
    if (select) select.value = selection.scale;
    else {
      fill(law, choice('Scale', SCALES, selection.scale,
        (value) => state.set({ scale: /** @type {Selection['scale']} */ (value) }, { push: false })));
    }
    exponent.value = String(selection.exponent);
    exponent.disabled = selection.scale === 'log';
    cut.value = selection.cut === null ? '' : String(selection.cut);
    ignore.value = String(selection.ignore);
    fill(button, scaleInWords(selection));
  }
  return { element, show };
}

/** What of the scale is not usual. @param {Selection} selection */
function scaleInWords({ scale, exponent, cut, ignore }) {
  const words = [
    scale === 'log' ? 'logarithm' : exponent !== USUAL_SCALE.exponent && `exponent ${exponent}`,
    cut !== null && `above mean + ${cut} σ`,
    ignore > 0 && `without the first${ignore > 1 ? ` ${ignore}` : ''}`,
  ].filter(Boolean);
  return words.length > 0 ? `Scale: ${words.join(', ')}` : 'Scale';
}

/** @param {string} name @param {number} most @param {number} step */
function field(name, most, step) {
  return el('input', { type: 'number', class: 'share-number', 'aria-label': name, min: '0', max: String(most),
    step: step === 1 ? '1' : 'any' });
}

/** @param {string} text @param {HTMLElement} input */
function label(text, input) {
  return el('label', { class: 'chip' }, el('span', { class: 'chip-label' }, text), input);
}
