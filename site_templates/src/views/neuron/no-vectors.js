/** What stands in place of the terms where a report has no vectors of a document: why, and what to do. */
import { el } from '../../parts/element.js';

/** @import { Selection } from '../../state/types.js' */
/** @import { Texts } from '../../parts/document-texts.js' */
/** @import { Context } from '../../parts/types.js' */

/** @param {Context} context @param {Selection} selection @param {Texts} texts */
export async function noVectors({ report, state }, selection, { document, title, axes }) {
  const head = report.head(selection.model, selection.head);
  const model = report.model(selection.model);
  const source = model?.captures.find(({ stack, layer }) => stack === head?.stack && layer === head.layer);
  if (source && !source.vectors) {
    return card(`The queries and keys of ${selection.head} are not known.`,
      el('p', {}, `Of this layer the model shows only its attention${source.reason ? `: ${source.reason}` : ''}.`));
  }
  const [documents, { lengths }] = await Promise.all([report.documents(), report.axis(selection.model, axes.query)]);
  const other = Array.from({ length: documents.count }, (_, i) => i)
    .find((i) => lengths[i] > 0 && head?.encodings[documents.group(i)]?.startsWith('query-key'));
  return card('This report has no queries and keys of this document.',
    el('p', {}, 'It is stored as attention, smaller for a short text. To keep its vectors, write in the corpus'),
    el('pre', { class: 'snippet' },
      `vectors: [${JSON.stringify(title)}]   # document ${document}; true keeps those of all`),
    el('p', {}, 'and build the report again.'),
    other !== undefined && el('button', { type: 'button', class: 'link-button',
      onclick: () => state.set({ doc: other, token: null }) }, 'Go to the first document with vectors'));
}

/** @param {string} title @param {...import('../../parts/element.js').Child} children */
function card(title, ...children) {
  return el('div', { class: 'problem plain' }, el('b', {}, title), ...children);
}
