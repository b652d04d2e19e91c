/** Labels of a head as quiet marks. */
import { el } from './element.js';
import { capital } from './names.js';
import { errorOf, percent } from './numbers.js';

/** @import { Model } from '../data/types.js' */
/** @import { Head } from './types.js' */

/**
 * What a head is labelled, as marks; "none" is an answer.
 * @param {Model} model @param {Head} head @param {(name: string) => void} [onPick] makes buttons of them
 * @returns {HTMLElement[]}
 */
export function labelMarks(model, { labels = [] }, onPick) {
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
