/** What the head is compared with: another model, head or document. */
import { writePartner } from '../../state/partner.js';
import { DocumentPicker } from '../../parts/document-picker.js';
import { choice, el, fill } from '../../parts/element.js';

/** @import { Place } from '../../state/partner.js' */
/** @import { Context } from '../../parts/types.js' */

/** @param {Context} context */
export function createPartnerTools({ report, state }) {
  /** @type {{first: Place, second: Place} | undefined} */
  let places;
  /** @param {Partial<Place>} change */
  const set = (change) => {
    if (places) state.set({ with: writePartner({ ...places.second, ...change }, places.first) });
  };
  const picker = new DocumentPicker(() => places?.second.doc ?? 0, (doc) => set({ doc }));
  const choices = el('span', { class: 'partner-choices' });
  const element = el('div', { class: 'partner-tools', role: 'group', 'aria-label': 'Compared with' },
    el('span', { class: 'quiet' }, 'with'), choices, picker.element);
  return {
    element,
    /** @param {Place} first @param {Place} second */
    show(first, second) {
      places = { first, second };
      const head = report.head(second.model, second.head);
      const models = report.models.map(({ name, title }) => ({ value: name, text: title }));
      const heads = report.heads(second.model).map(({ id }) => ({ value: id, text: id }));
      const firstHead = (/** @type {string} */ model) => (
        report.head(model, second.head)?.id ?? report.heads(model)[0]?.id ?? second.head);
      fill(choices,
        models.length > 1
          && choice('Other model', models, second.model, (model) => set({ model, head: firstHead(model) })),
        choice('Other head', heads, second.head, (id) => set({ head: id })));
      void Promise.all([report.documents(), report.kept(second.model),
        head && report.axis(second.model, head.stackInfo.query_axis)])
        .then(([documents, kept, axis]) => picker.show(documents, second.doc ?? 0, axis?.lengths ?? [], kept));
    },
  };
}
