/** Labels of a head as quiet marks. */
import { WORDS } from '../format/words.js';
import { leadingLabels, restOfHead, restsOften } from '../state/awake.js';
import { el } from './element.js';
import { capital } from './names.js';
import { errorOf, percent } from './numbers.js';
import { phrase } from './truth.js';

/** @import { Label, Model } from '../data/types.js' */
/** @import { Head } from './types.js' */

export const REST_MEANING = WORDS.resting.meaning;

/**
 * What a head does besides resting as marks, and how much of its attention rests.
 * @param {Model} model @param {Head} head
 * @returns {HTMLElement[]}
 */
export function leadingMarks(model, head) {
  const share = percent(restOfHead(head) ?? 0);
  const rest = restsOften(head) && el('span', { class: 'rest-share quiet', 'data-tip': REST_MEANING },
    ` ${phrase(WORDS.resting.share, { share })}`);
  return [...labelMarks(model, leadingLabels(head)), ...rest ? [rest] : []];
}

/**
 * Labels as marks; "none" is an answer.
 * @param {Model} model @param {readonly Label[]} labels @param {(name: string) => void} [onPick] makes buttons of them
 * @returns {HTMLElement[]}
 */
export function labelMarks(model, labels, onPick) {
  if (labels.length === 0) return [el('span', { class: 'no-label' }, 'none')];
  return labels.map(({ name, score, standard_error: error }) => {
    const kind = model.labels?.find((each) => each.name === name);
    const tip = `${capital(kind?.description ?? name)}: score ${percent(score)}${errorOf(error, 'share')}`;
    if (!onPick) return el('span', { class: 'label-mark', 'data-tip': tip }, kind?.title ?? name);
    return el('button',
      { type: 'button', class: 'label-mark', 'data-tip': `${tip}. Press for all heads that have it.`,
        onclick: () => onPick(name) }, kind?.title ?? name);
  });
}
