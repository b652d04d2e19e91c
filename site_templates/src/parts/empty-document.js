/** What stands in place of a document that the model did not take, or that is not stored: why, and where to go on. */
import { documentOf } from './document-texts.js';
import { el } from './element.js';
import { clip } from './names.js';
import { units } from './numbers.js';
import { stackName } from './stacks.js';

/** @import { Selection } from '../state/types.js' */
/** @import { Texts } from './document-texts.js' */
/** @import { Context } from './types.js' */

/**
 * A card where a document has no attention to show; undefined where it has.
 * @param {Context} context @param {Selection} selection @param {Texts} texts
 */
export async function absenceCard(context, selection, texts) {
  if (texts.queries.texts.length === 0) return emptyCard(context, selection, texts);
  const kept = await context.report.kept(selection.model);
  return kept && !kept.has(texts.document) ? unkeptCard(context, selection, texts, kept.size) : undefined;
}

/** @param {Context} context @param {Selection} selection @param {Texts} texts @param {number} kept how many are */
async function unkeptCard(context, selection, { document, title }, kept) {
  const first = await documentOf(context, { ...selection, doc: null });
  return el('div', { class: 'problem plain' },
    el('b', {}, 'The attention of this document is not in this report.'),
    el('p', {}, `It stores that of ${units(kept, 'document')}; statistics, labels, pairs and examples are of all. `
      + 'To store this one, write in the corpus'),
    el('pre', { class: 'snippet' },
      `keep: {documents: [${JSON.stringify(title)}]}   # document ${document}; keep: all stores all`),
    el('p', {}, 'and build the report again.'),
    el('button', { type: 'button', class: 'link-button',
      onclick: () => context.state.set({ doc: first, token: null }) }, 'Go to the first that is stored'));
}

/** @param {Context} context @param {Selection} selection @param {Texts} texts */
async function emptyCard(context, selection, { document, title }) {
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
