/** Labels as tests: of how much of a head's attention each is true, beside other heads, and what speaks against it. */
import { el, fill } from '../../parts/element.js';
import { capital } from '../../parts/names.js';
import { figure, plural } from '../../parts/numbers.js';
import { labelNames, leadingLabels, restOfHead } from '../../state/awake.js';
import { drawPairs } from './examples.js';
import { folded } from './lists.js';

/** @import { LabelFigures, LabelKind, Model } from '../../data/types.js' */
/** @import { Context, Head } from '../../parts/types.js' */

const PRECISION = 'Of the attention that counts, the share on pairs that the label holds for; beside it the mean of '
  + 'all other heads, and the same over the held-out half of the documents.';
const RECALL = 'Of the rows that see a key that the label holds for, the share whose strongest key is one.';

/**
 * The labels that a head has, each as a sentence with its figures, and all others folded.
 * @param {Context} context @param {Model} model @param {Head} head
 */
export function labelTests(context, model, head) {
  const { label_figures: figures = [] } = head;
  const kinds = new Map((model.labels ?? []).map((kind) => [kind.name, kind]));
  const names = new Set(leadingLabels(head).map(({ name }) => name));
  const draw = (/** @type {LabelFigures} */ of) => {
    const kind = kinds.get(of.label);
    return kind ? [labelTest(context, model, head, kind, of)] : [];
  };
  const had = figures.filter(({ label }) => names.has(label));
  const others = figures.filter(({ label, recall }) => !names.has(label)
    && (typeof recall === 'number' || kinds.get(label)?.declared));
  if (had.length + others.length === 0) return null;
  return el('section', { class: 'label-tests', 'aria-label': 'Labels as tests' },
    ...had.flatMap(draw),
    others.length > 0 && folded('label-tests', had.length > 0 ? 'Other labels as tests' : 'Labels as tests', () => [
      el('p', { class: 'quiet' }, 'How much of this head’s attention is as these labels say.'),
      ...others.flatMap(draw)]));
}

/** @param {Context} context @param {Model} model @param {Head} head @param {LabelKind} kind @param {LabelFigures} of */
function labelTest(context, model, head, kind, of) {
  const awake = kind.test?.sinks || restOfHead(head) === null ? '' : ' besides resting';
  return el('div', { class: 'label-test', 'data-label': kind.name },
    el('p', {}, el('b', { 'data-tip': capital(kind.description) }, kind.title), ' holds for ',
      el('span', { 'data-tip': PRECISION }, share(of.precision)), ` of its attention${awake}`,
      el('span', { class: 'quiet' }, beside(of.others_precision, of.held_out_precision)),
      ...typeof of.recall !== 'number' ? ['; no row sees a key that it holds for.']
        : [' and for the strongest key of ', el('span', { 'data-tip': RECALL }, share(of.recall)),
          ' of rows that see one', el('span', { class: 'quiet' }, beside(of.others_recall, of.held_out_recall)), '.']),
    labelNames(head).includes(kind.name) && counterExamples(context, model, head, kind));
}

/** "93 %", or that there is too little. @param {number | null} [value] */
function share(value) {
  return typeof value !== 'number' ? 'too little to say' : figure(value, 'share');
}

/** @param {number | null} [others] @param {number | null} [heldOut] */
function beside(others, heldOut) {
  const parts = [
    ...typeof others !== 'number' ? [] : [`other heads ${figure(others, 'share')}`],
    ...typeof heldOut !== 'number' ? [] : [`held out ${figure(heldOut, 'share')}`],
  ];
  return parts.length > 0 ? ` (${parts.join(', ')})` : '';
}

/** @param {Context} context @param {Model} model @param {Head} head @param {LabelKind} kind */
function counterExamples(context, model, head, kind) {
  const pairs = (head.counter_examples ?? []).filter(({ label }) => label === kind.name);
  if (pairs.length === 0) return el('p', { class: 'quiet' }, 'No attention of 1 % or more speaks against it.');
  const drawn = pairs.map((pair) => ({ ...pair, weight: pair.attention }));
  return folded(`against-${kind.name}`, plural(pairs.length, 'counter-example'), () => {
    const list = el('ol', { class: 'examples' });
    drawPairs(context, model.name, head, { drawn }).then((items) => fill(list, ...items))
      .catch(() => fill(list, el('li', { class: 'quiet' }, 'The counter-examples could not be read.')));
    return [el('p', { class: 'quiet' }, 'Its strongest attention in the corpus where the label does not hold.'), list];
  });
}
