/** What stands in place of a document that the model did not take: why, and where to go on. */
import { documentOf } from './document-texts.js';
import { el } from './element.js';
import { clip } from './names.js';
import { stackName } from './stacks.js';

/** @import { Selection } from '../state/types.js' */
/** @import { Texts } from './document-texts.js' */
/** @import { Context } from './types.js' */

/** @param {Context} context @param {Selection} selection @param {Texts} texts */
export async function emptyCard(context, selection, { document, title }) {
  const { report, state } = context;
  const model = report.model(selection.model);
  const notices =
    report.manifest.notices.filter((notice) => notice.document === document && notice.model === selection.model);
  const name = model?.title ?? selection.model;
  const stack = model && model.stacks.length > 1 && report.head(selection.model, selection.head)?.stack;
  const who = stack ? `The ${stackName(stack).toLowerCase()} stack of ${name}` : name;
  const first = await documentOf(context, { ...selection, doc: null });
  return el('div', { class: 'problem plain' },
    el('b', {}, `${who} did not take this document.`),
    ...(notices.length > 0
      ? notices.map(({ message }) => el('p', {}, message)) : [el('p', {}, el('bdi', {}, clip(title, 160)))]),
    el('button', { type: 'button', class: 'link-button', onclick: () => state.set({ doc: first, token: null }) },
      'Go to the first that it took'));
}
