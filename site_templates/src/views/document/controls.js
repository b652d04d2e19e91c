/** The switches of the document view: whose attention, special tokens and sinks hidden, subwords joined to words. */
import { MOST_SHARE } from '../../state/link-keys.js';
import { el, fill, choice } from '../../parts/element.js';
import { whyNoRollout } from '../../parts/joined-heads.js';
import { createHideSwitch } from '../../parts/left-out.js';
import { allHeads } from '../../parts/aggregate-words.js';
import { createWeightSwitch } from '../../parts/weighting.js';
import { createScaleMenu } from './scale-menu.js';
import { ADDED, createScoreSwitch } from './scored.js';

/** @import { Model } from '../../data/types.js' */
/** @import { AggregateKind, Selection } from '../../state/types.js' */
/** @import { Scored } from '../../parts/token-scores.js' */
/** @import { Texts } from '../../parts/document-texts.js' */
/** @import { Shader } from './scored.js' */
/** @import { Context, Head } from '../../parts/types.js' */

const JOINED = 'Subwords of one word are joined: attention to a word is the sum over its tokens, from a word the mean';
const RESIDUAL =
  'The share of each token that passes a layer by its attention, unchanged: one half as in Abnar & Zuidema 2020';
const DISCARD = 'The share of each query’s keys, those with the least attention, that is left out in every layer';

const TEXTS = [{ value: 'two', text: 'in two texts' }, { value: 'one', text: 'in one text' }];

/** @param {Context} context @param {(shader: Shader) => void} onShader what to do with what is chosen to shade */
export function createControls({ report, state }, onShader) {
  const hideSwitch = createHideSwitch(state);
  const weightSwitch = createWeightSwitch(state);
  const join = el('input', { type: 'checkbox', onchange: () => state.set({ words: join.checked }, { push: false }) });
  const joinChip = el('label', { class: 'chip check joins', hidden: true, 'data-tip': JOINED }, join, 'Words merged');
  const whose = el('div', { class: 'whose' });
  const residual = shareField('Residual', RESIDUAL, (value) => state.set({ residual: value }, { push: false }));
  const discard = shareField('Discard', DISCARD, (value) => state.set({ discard: value }, { push: false }));
  const scale = createScaleMenu(state);
  const texts = el('div', { hidden: true });
  const scoreSwitch = createScoreSwitch(onShader);
  const element = el('div', { class: 'tools' },
    scoreSwitch.element, whose, residual.element, discard.element, texts, scale.element, joinChip,
    weightSwitch.element);
  let built = '';
  return {
    element,
    hideSwitch,
    weightSwitch,
    /** @param {Selection} selection */
    show(selection) {
      scale.show(selection);
      join.checked = selection.words;
      const head = report.head(selection.model, selection.head);
      const model = report.model(selection.model);
      const followed = selection.aggregate === 'rollout'
        && head && model && whyNoRollout(model, report.heads(model.name), head) === '';
      residual.show(selection.residual, followed === true);
      discard.show(selection.discard, followed === true);
      const next = `${selection.model} ${selection.head} ${selection.aggregate}`;
      if (!head || !model || built === next) return;
      built = next;
      const focused = whose.contains(document.activeElement);
      fill(whose,
        choice('Attention', kindsFor(model, report.heads(model.name), head, selection.aggregate), selection.aggregate,
        (kind) => state.set({ aggregate: /** @type {AggregateKind} */ (kind) }, { push: false })));
      if (focused) whose.querySelector('select')?.focus();
    },
    /**
     * Offers the scores that the text came with, and what is added to logits where that is known. By them, nothing of
     * attention is to be chosen.
     * @param {readonly Scored[]} rows @param {boolean} isAttributed @param {Shader} chosen
     */
    showShaders(rows, isAttributed, chosen) {
      scoreSwitch.show(rows, isAttributed, chosen);
      element.classList.toggle('by-scores', chosen !== null);
      element.classList.toggle('by-added', chosen === ADDED);
    },
    /** Whether both directions are in one text now. @param {boolean} one */
    showTexts(one) {
      const select = texts.querySelector('select');
      if (select) select.value = one ? 'one' : 'two';
      else {
        fill(texts, choice('Directions', TEXTS, one ? 'one' : 'two',
          (value) => state.set({ texts: /** @type {Selection['texts']} */ (value) }, { push: false })));
      }
    },
    /**
     * Offers words where some have several tokens.
     * @param {Texts} texts
     */
    offer({ joinable, same }) {
      texts.hidden = !same;
      joinChip.hidden = !joinable;
    },
  };
}

/**
 * What the attention shown can be made of, and what a link asks for.
 * @param {Model} model
 * @param {readonly Head[]} heads of the model
 * @param {Head} head
 * @param {AggregateKind} now
 */
function kindsFor(model, heads, head, now) {
  return [
    { value: 'head', text: head.id },
    { value: 'layer', text: `mean of layer ${head.layer}` },
    { value: 'all', text: `mean of ${allHeads(heads, head)}` },
    ...now === 'rollout' || whyNoRollout(model, heads, head) === '' ? [{ value: 'rollout', text: 'rollout' }] : [],
  ];
}

/** @param {string} title @param {string} description @param {(value: number) => void} onChange */
function shareField(title, description, onChange) {
  const field = el('input',
    { type: 'number', class: 'share-number', min: '0', max: String(MOST_SHARE), step: '0.05',
      onchange: () => change() });
  const element = el('label', { class: 'chip', hidden: true, 'data-tip': description },
    el('span', { class: 'chip-label' }, title), field);
  let last = 0;
  function change() {
    const value = Math.min(Math.max(field.valueAsNumber, 0), MOST_SHARE);
    if (Number.isNaN(value)) field.value = String(last);
    else onChange(value);
  }
  return {
    element,
    /** @param {number} value @param {boolean} visible */
    show(value, visible) {
      last = value;
      field.value = String(value);
      element.hidden = !visible;
    },
  };
}
