/** Labels of heads as chips that filter them, in the atlas and in the table. */
import { capital } from './names.js';
import { count } from './numbers.js';
import { el, fill } from './element.js';
import { hasLabel, NO_LABEL } from '../state/heads-filter.js';
import { among } from '../state/link-types.js';

/** @import { Model } from '../data/types.js' */
/** @import { Head } from './types.js' */
/** @import { Selection, State } from '../state/types.js' */

/** @param {State} state */
export function createLabelChips(state) {
  const element = el('div', { class: 'label-chips', role: 'group', 'aria-label': 'Labels' });
  /** @type {Map<string, HTMLButtonElement>} */
  const chips = new Map();
  /** @type {Model | undefined} */
  let built;

  /** @param {string} name */
  const toggle = (name) => {
    const now = state.get().labels.split(',').filter(Boolean);
    const next = now.includes(name) ? now.filter((each) => each !== name) : [...now, name];
    state.set({ labels: among(next.join(','), [...chips.keys()]) }, { push: false });
  };

  return {
    element,
    /** @param {Model} model @param {readonly Head[]} heads all of the model's @param {Selection} selection */
    show(model, heads, selection) {
      if (built !== model) {
        built = model;
        chips.clear();
        for (const { name, title, description, many } of countLabels(model, heads)) {
          chips.set(name,
            el('button',
              { type: 'button', class: 'label-chip', 'data-label': name, 'data-tip': description,
                onclick: () => toggle(name) },
            title, el('span', { class: 'quiet' }, ` ${count(many)}`)));
        }
        fill(element, ...chips.values());
        element.hidden = (model.labels ?? []).length === 0;
      }
      const chosen = selection.labels.split(',');
      for (const [name, chip] of chips) chip.setAttribute('aria-pressed', String(chosen.includes(name)));
    },
  };
}

/**
 * The labels that some head has, in the model's order, and those that have none.
 * @param {Model} model
 * @param {readonly Head[]} heads
 */
function countLabels(model, heads) {
  const kinds =
    [...model.labels ?? [], { name: NO_LABEL, title: 'None', description: 'no label’s score reaches its threshold' }];
  return kinds.map(({ name, title, description }) => ({
    name, title, description: capital(description),
    many: heads.filter((head) => hasLabel(name, head)).length,
  })).filter(({ many }) => many > 0);
}
