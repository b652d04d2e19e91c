/** The selected document and token: where the text is from, and whom the token looks at. */
import { bothWays, loadTexts, makeShares } from './document-data.js';
import { el, fill } from './element.js';
import { clip, count, plural, tokenName } from './format.js';
import { fact } from './inspector.js';
import { createPartners } from './partners.js';

/** @import { Documents, Tokens } from '../data/types.js' */
/** @import { Selection } from '../state/types.js' */
/** @import { Texts } from './document-data.js' */
/** @import { Context } from './types.js' */

const LONGEST_TEXT = 420;

/** @param {Context} context */
export function createTokenCard(context) {
  const { report, state } = context;
  const element = el('section', { class: 'card token-card', 'aria-label': 'Document and token', hidden: true });
  const looks = createPartners('key', (token) => state.set({ token, side: 'key' }));
  const looked = createPartners('query', (token) => state.set({ token, side: 'query' }));

  /** @param {Selection} selection @param {Texts} texts */
  async function partners(selection, texts) {
    if (selection.view !== 'head' || selection.token === null) return [];
    const attention = await report.attention(selection.model, selection.head, texts.document);
    const shares = makeShares(attention, texts);
    const { query, key } = bothWays({ side: selection.side, token: selection.token }, texts.same);
    if (query !== null && query < attention.queries) looks.show(shares.row(query, false).values, texts.keys);
    if (key !== null && key < attention.keys) looked.show(shares.column(key, false).values, texts.queries);
    return [query !== null && looks.element, key !== null && looked.element];
  }

  return {
    element,
    /** @param {Selection} selection */
    async show(selection) {
      element.hidden = selection.view === 'atlas' || (selection.view === 'head' && selection.doc === null);
      if (element.hidden) return;
      try {
        const [texts, documents] = [await loadTexts(context, selection), await report.documents()];
        const lists = await partners(selection, texts);
        if (state.get() !== selection) return;
        const tokens = selection.side === 'query' ? texts.queries : texts.keys;
        fill(element, ...tokenFacts(selection, tokens), ...lists, ...documentFacts(context, selection, texts, documents));
      } catch {
        // The view says what is wrong; here there is nothing to add.
        element.hidden = true;
      }
    },
  };
}

/** @param {Selection} selection @param {Tokens} tokens */
function tokenFacts({ token, side, view }, tokens) {
  if (token === null || token >= tokens.texts.length) return [];
  const surface = tokens.surface(token);
  return [
    el('h3', {}, view === 'head' ? `Selected ${side}` : 'Pinned token'),
    el('p', { class: 'token-name' }, el('bdi', { class: side }, tokenName(surface, tokens.texts[token]))),
    el('dl', { class: 'facts' },
      ...fact('Position', `${count(token + 1)} of ${count(tokens.texts.length)}`),
      ...fact('Vocabulary', el('span', {}, el('code', { class: 'wrap' }, clip(tokens.texts[token], 2000)), el('span', { class: 'quiet' }, ` no. ${tokens.ids[token]}`))),
      ...fact('Special', tokens.special[token] ? 'added by the tokenizer' : null)),
  ];
}

/** @param {Context} context @param {Selection} selection @param {Texts} texts @param {Documents} documents */
function documentFacts({ report, state }, { view, model }, { document, text, title, queries }, documents) {
  const source = documents.source(document);
  const notices = report.manifest.notices.filter((notice) => notice.document === document && (notice.model ?? model) === model);
  return [
    el('h3', {}, `Document ${count(document + 1)} of ${count(documents.count)}`),
    el('p', { class: 'document-title' }, el('bdi', {}, clip(title, 160))),
    view === 'head' && el('p', { class: 'document-text', dir: 'auto' }, clip(text, LONGEST_TEXT)),
    view === 'head' && el('button', { type: 'button', class: 'link-button', onclick: () => state.set({ view: 'document', doc: document }) }, 'Read it with its attention'),
    el('dl', { class: 'facts' },
      ...fact('Length', plural(queries.texts.length, 'token')),
      ...fact('From', source?.name), ...fact('Source', source?.source), ...fact('Licence', source?.licence)),
    ...notices.map((notice) => el('p', { class: 'caution' }, notice.message)),
  ];
}
