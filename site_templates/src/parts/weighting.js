/**
 * The switch of attention weighted by the lengths of values, the same in every way of seeing a document; and whether it
 * can be, as reports may lack the lengths.
 * @import { Selection, State } from '../state/types.js'
 * @import { Context, Head } from './types.js'
 */
import { el, fill } from './element.js';

const MEANING = 'Weighs each share by the length of the value that it brings, a‖v‖, and divides each row by its sum '
  + '(Kobayashi et al. 2020). ‖v‖ is the length of the key’s value vector in the head, before the output projection.';

/** What stands under a picture that is weighted. */
export const WEIGHTED_IN_WORDS = 'Weighted by the lengths of the values: a‖v‖, each row divided by its sum. The '
  + 'certificate is of attention that is not weighted.';

/**
 * Whether what is shown is weighted: it is asked for, and the report has the lengths of all these heads.
 * @param {Pick<Context, 'report'>} context @param {Pick<Selection, 'model' | 'weighted'>} selection
 * @param {readonly Head[]} heads
 */
export function isWeighted({ report }, { model, weighted }, heads) {
  return weighted && lacking(report, model, heads).length === 0;
}

/** @param {Context['report']} report @param {string} model @param {readonly Head[]} heads */
function lacking(report, model, heads) {
  const captures = report.model(model)?.captures ?? [];
  return heads.filter(({ stack, layer }) => (
    !captures.some((source) => source.values && source.stack === stack && source.layer === layer)));
}

/** @param {State} state */
export function createWeightSwitch(state) {
  const box = el('input', {
    type: 'checkbox', onchange: () => state.set({ weighted: box.checked }, { push: false }),
  });
  const reason = el('span', { class: 'weight-reason quiet' });
  const element = el('span', { class: 'weight-switch' },
    el('label', { class: 'chip check', 'data-tip': MEANING }, box, 'Weighted by values'), reason);
  return {
    element,
    /** @param {Pick<Context, 'report'>} context @param {Selection} selection @param {readonly Head[]} heads */
    show({ report }, selection, heads) {
      const [first] = lacking(report, selection.model, heads);
      box.checked = selection.weighted && !first;
      box.disabled = first !== undefined;
      fill(reason, first && whyNot(first));
    },
  };
}

/** @param {Head} head */
function whyNot({ id, statistics }) {
  return typeof statistics.value_norm === 'number'
    ? 'built before lengths of values were kept: build the report again'
    : `how long the values of ${id} are is not known`;
}
