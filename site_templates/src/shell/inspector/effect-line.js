/** What losing the head costs the model, in a sentence; and in the document that is open, once that is read. */
import { effectOf } from '../../data/effects.js';
import { el, fill } from '../../parts/element.js';
import { amount, count } from '../../parts/numbers.js';

/** @import { Effect, Model } from '../../data/types.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Context, Head } from '../../parts/types.js' */

const MEANING = 'The head’s output is replaced before its output projection, and the model run on. The control '
  + 'replaces it by a change of the same length in a random direction: what any disturbance there costs.';

/** How a head is lost. @type {Record<string, string>} */
const WITHOUT = {
  zero: 'Without this head',
  mean: 'With this head at its mean',
  resample: 'With this head as in another document',
};

/** @param {Context} context */
export function createEffectLine({ report }) {
  const all = el('span');
  const here = el('span', { class: 'effect-here' });
  const element = el('p', { class: 'effect-line', 'data-tip': MEANING, hidden: true }, all, here);
  let place = '';
  return {
    element,
    /** @param {Selection} selection */
    show({ model: name, head: id, doc }) {
      const now = `${name} ${id} ${doc}`;
      if (place === now) return;
      place = now;
      const [model, head] = [report.model(name), report.head(name, id)];
      const sentence = model && head ? inAll(model, head) : '';
      element.hidden = sentence === '';
      fill(all, sentence);
      fill(here);
      if (sentence === '' || doc === null) return;
      // What cannot be read is said where the document is shown.
      report.effect(name, id, doc).then((effect) => {
        if (effect && place === now) fill(here, ` In the document that is open it ${inWords(effect)}.`);
      }, () => undefined);
    },
  };
}

/** @param {Model} model @param {Head} head */
function inAll({ effects }, head) {
  const effect = effects ? effectOf(head.statistics) : null;
  if (!effects || !effect) return '';
  const over = effects.sampled ? `, over ${count(effects.documents)} documents that were drawn` : '';
  const off = effects.estimate ? ` An estimate, off by ${amount(effects.estimate.error)} nats on average.` : '';
  const subject = effect.measure === 'loss' ? 'the loss' : 'the last hidden state';
  return `${WITHOUT[effects.method]} ${subject} ${inWords(effect)}${over}.${off}`;
}

/** "rises by 0.12 nats (control 0.004)". @param {Effect} effect */
function inWords({ measure, change, control }) {
  const beside = `control ${amount(control)}`;
  if (measure !== 'loss') return `turns by ${amount(change)} (1 − cosine; ${beside})`;
  return `${change < 0 ? 'falls' : 'rises'} by ${amount(Math.abs(change))} nats (${beside})`;
}
