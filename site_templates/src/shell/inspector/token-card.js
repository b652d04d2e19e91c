/** The selected document and token: where the text is from, and whom the token looks at. */
import { restOf } from '../../state/sinks.js';
import { leftOutOf } from '../../parts/left-out.js';
import { bothWays, makeShares } from '../../parts/token-shares.js';
import { joinTexts, loadTexts, shownIndex, tokensOf } from '../../parts/document-texts.js';
import { el, fill } from '../../parts/element.js';
import { clip, isPlace, nameToken } from '../../parts/names.js';
import { count, real, units } from '../../parts/numbers.js';
import { fact } from './facts.js';
import { createPartners } from '../../parts/partners.js';
import { imageWithPatch } from '../../parts/patches.js';
import { pieceOf, unitOf } from '../../parts/stacks.js';
import { loadScores } from '../../parts/token-scores.js';

/** @import { Documents, Model } from '../../data/types.js' */
/** @import { Selection, Side } from '../../state/types.js' */
/** @import { Scored } from '../../parts/token-scores.js' */
/** @import { Texts } from '../../parts/document-texts.js' */
/** @import { Context, ViewDefinition } from '../../parts/types.js' */

const LONGEST_TEXT = 420;

/** @param {Context} context @param {readonly ViewDefinition[]} definitions */
export function createTokenCard(context, definitions) {
  const { report, state } = context;
  const element = el('section', { class: 'card token-card', 'aria-label': 'Document and token', hidden: true });
  const looksAt = createPartners('key', (token) => state.set({ token, side: 'key' }));
  const lookedAtBy = createPartners('query', (token) => state.set({ token, side: 'query' }));

  /** @param {Selection} selection @param {Texts} texts */
  async function partners(selection, texts) {
    if (selection.token === null || !await report.keeps(selection.model, texts.document)) return [];
    const attention = await report.attention(selection.model, selection.head, texts.document);
    const head = report.head(selection.model, selection.head);
    const { hide } = selection;
    const { keys } = leftOutOf(context, selection.model, head ? [head] : [], texts);
    const shares = makeShares(attention, texts, keys);
    const { query, key } = bothWays({ side: selection.side, token: selection.token }, texts.same);
    if (query !== null && query < attention.queries) {
      const rest = hide ? '' : restOf(report.model(selection.model), head);
      looksAt.show(shares.row(query, hide).values, texts.keys, texts.image, rest);
    }
    if (key !== null && key < attention.keys) {
      lookedAtBy.show(shares.column(key, hide).values, texts.queries, texts.image);
    }
    return [query !== null && looksAt.element, key !== null && lookedAtBy.element];
  }

  return {
    element,
    /** @param {Selection} selection */
    async show(selection) {
      const kind = definitions.find(({ name }) => name === selection.view)?.documentCard;
      const full = kind === 'full';
      element.hidden = kind === undefined || (full && selection.doc === null);
      if (element.hidden) return;
      try {
        const [loaded, documents] = [await loadTexts(context, selection), await report.documents()];
        // Where the view shows the text, the card goes by its tokens, or words.
        const texts = !full && selection.words ? joinTexts(loaded) : loaded;
        const lists = full ? await partners(selection, texts) : [];
        const scores = selection.token === null ? [] : await loadScores(context, loaded, texts);
        if (state.get() !== selection) return;
        fill(element, ...tokenFacts(selection, texts, scores, full), ...lists,
          ...documentFacts(context, selection, texts, documents, full));
      } catch {
        // The view says what is wrong; here there is nothing to add.
        element.hidden = true;
      }
    },
  };
}

/** @param {Selection} selection @param {Texts} texts @param {readonly Scored[]} scores @param {boolean} full */
function tokenFacts({ token: linked, side }, texts, scores, full) {
  const tokens = tokensOf(texts, side);
  const token = linked === null ? -1 : shownIndex(texts, side, linked);
  if (!(token >= 0 && token < tokens.texts.length)) return [];
  const patch = tokens.row[token] >= 0;
  const number = el('span', { class: 'quiet' }, ` no. ${tokens.ids[token]}`);
  return [
    el('h3', {},
      full ? `Selected ${side}` : `Pinned ${patch ? pieceOf(tokens.kind) : texts.joined ? 'word' : 'token'}`),
    el('p', { class: 'token-name' }, el('bdi', { class: side }, nameToken(tokens, token))),
    el('dl', { class: 'facts' },
      ...fact('Position', `${count(token + 1)} of ${count(tokens.texts.length)}`),
      ...fact('Row, column', isPlace(tokens, token) ? `${tokens.row[token] + 1}, ${tokens.column[token] + 1}` : null),
      ...fact(texts.joined ? 'Tokens' : 'Vocabulary', patch ? null
        : el('span', {}, el('code', { class: 'wrap' }, clip(tokens.texts[token], 2000)),
          texts.joined || tokens.ids[token] < 0 ? '' : number)),
      ...fact('Part', texts.passages[side].names?.[tokens.segment[token]]),
      ...[...tokens.labels].flatMap(([name, values]) => fact(name, values[token])),
      ...scores.flatMap(({ row, values }) => fact(row.title, Number.isNaN(values[token]) ? null : real(values[token]))),
      ...fact('Special', !tokens.special[token] ? null
        : tokens.start[token] < 0 ? 'added by the tokenizer' : 'written in the text')),
  ];
}

/**
 * @param {Context} context
 * @param {Selection} selection
 * @param {Texts} texts
 * @param {Documents} documents
 * @param {boolean} full
 */
function documentFacts({ report, state }, { model, token, side }, texts, documents, full) {
  const { document, text, title, image } = texts;
  const source = documents.source(document);
  const notices =
    report.manifest.notices.filter((notice) => notice.document === document && (notice.model ?? model) === model);
  return [
    el('h3', {}, `Document ${count(document + 1)} of ${count(documents.count)}`),
    el('p', { class: 'document-title' }, el('bdi', {}, clip(title, 160))),
    full && text !== '' && el('p', { class: 'document-text', dir: 'auto' }, clip(text, LONGEST_TEXT)),
    full && el('button',
      { type: 'button', class: 'link-button', onclick: () => state.set({ view: 'document', doc: document }) },
      'Read it with its attention'),
    image && imageWithPatch(image, tokensOf(texts, side), token ?? -1),
    el('dl', { class: 'facts' },
      ...fact('Length', lengths(report.model(model), texts)),
      ...(report.manifest.documents.labels ?? []).flatMap((name) => fact(name, documents.label(document, name))),
      ...fact('From', source?.name), ...fact('Source', source?.source), ...fact('Licence', source?.licence)),
    ...notices.map((notice) => el('p', { class: 'caution' }, notice.message)),
  ];
}

/**
 * "48 tokens"; for two axes "26 source tokens, 48 target tokens".
 * @param {Model | undefined} model
 * @param {Texts} texts
 */
function lengths(model, { axes, words, same }) {
  /** @type {readonly Side[]} */
  const sides = same ? ['query'] : ['key', 'query'];
  return model && sides.map((side) => units(words[side].wordOf.length, unitOf(model, axes[side]))).join(', ');
}
