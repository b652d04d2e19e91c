/**
 * What is read of a document under one head: the tokens of both axes, or words where subwords are joined, the passages
 * of the text that they stand in, and the image.
 * @import { Attention, DocumentImage, Tokens } from '../data/types.js'
 * @import { Selection, Side } from '../state/types.js'
 * @import { Words } from '../state/merged-words.js'
 * @import { Passage } from './passages.js'
 * @import { Context } from './types.js'
 */
import { findWords, mergeAttention, mergeTokens } from '../state/merged-words.js';
import { findPassage } from './passages.js';
import { withTurns } from './text-parts.js';

/**
 * @typedef {object} Texts
 * @property {number} document
 * @property {string} text
 * @property {string} title
 * @property {boolean} same one axis twice
 * @property {Record<Side, string>} axes
 * @property {Tokens} queries tokens, or words
 * @property {Tokens} keys
 * @property {Record<Side, Passage>} passages
 * @property {boolean} hasPatches whether any token is a patch
 * @property {DocumentImage | undefined} image
 * @property {Record<Side, Words>} words
 * @property {boolean} joinable whether any word has several tokens
 * @property {boolean} joined whether `queries` and `keys` are words
 */

/** @typedef {Pick<Context, 'report'>} Source */

/**
 * The document that a selection shows: where none is chosen, the first that the model takes and that is stored.
 * @param {Source} source @param {Selection} selection
 */
export async function documentOf({ report }, { model, head, doc }) {
  const axis = report.head(model, head)?.stackInfo.query_axis;
  if (doc !== null || axis === undefined) return doc ?? 0;
  const [{ lengths }, kept] = await Promise.all([report.axis(model, axis), report.kept(model)]);
  return Math.max(0, lengths.findIndex((length, document) => length > 0 && (kept?.has(document) ?? true)));
}

/** @param {Source} source @param {Selection} selection @returns {Promise<Texts>} */
export async function loadTexts(source, selection) {
  const { report } = source;
  const { model, head } = selection;
  const stack = report.head(model, head)?.stackInfo;
  if (!stack) throw new RangeError('This model has no heads.');
  const document = await documentOf(source, selection);
  // The head's own axes, and those that share the document's text.
  const headAxes = [stack.query_axis, stack.key_axis];
  const axes = report.model(model)?.axes ?? [];
  const names = axes.filter(({ name, kind }) => kind === 'text' || headAxes.includes(name)).map(({ name }) => name);
  const [documents, ...loaded] =
    await Promise.all([report.documents(), ...names.map((name) => report.tokens(model, name, document))]);
  const text = documents.text(document);
  /** @param {string} axis */
  const read = (axis) => {
    const tokens = loaded[names.indexOf(axis)];
    const passage = findPassage(text, tokens, loaded.filter((other) => other !== tokens));
    return { ...withTurns(tokens, passage), words: findWords(text, tokens) };
  };
  const [query, key] = [read(stack.query_axis), read(stack.key_axis)];
  const hasPatches = [query, key].some(({ tokens }) => tokens.row.some((row) => row >= 0));
  return {
    document,
    text,
    title: documents.title(document),
    same: stack.query_axis === stack.key_axis,
    axes: { query: stack.query_axis, key: stack.key_axis },
    queries: query.tokens,
    keys: key.tokens,
    passages: { query: query.passage, key: key.passage },
    hasPatches,
    // Without its image a grid of patches still says where.
    image: hasPatches ? await report.image(document).catch(() => undefined) : undefined,
    words: { query: query.words, key: key.words },
    joinable: [query, key].some(({ tokens, words }) => words.starts.length <= tokens.texts.length),
    joined: false,
  };
}

/** The same with words in place of tokens. @param {Texts} texts @returns {Texts} */
export function joinTexts(texts) {
  const { text, queries, keys, passages, words } = texts;
  /** @param {Side} side @returns {Passage} */
  const moved = (side) =>
    ({ ...passages[side], second: passages[side].second < 0 ? -1 : words[side].wordOf[passages[side].second] });
  return {
    ...texts,
    queries: mergeTokens(text, queries, words.query),
    keys: mergeTokens(text, keys, words.key),
    passages: { query: moved('query'), key: moved('key') },
    joined: true,
  };
}

/** @type {WeakMap<Texts, {stored: Attention, attention: Attention}>} */
const joined = new WeakMap();

/**
 * The attention of what is shown: of words where subwords are joined, the same object as long as both are the same.
 * @param {Texts} texts
 * @param {Attention} stored
 */
export function shownAttention(texts, stored) {
  if (!texts.joined) return stored;
  const last = joined.get(texts);
  if (last?.stored === stored) return last.attention;
  const attention = mergeAttention(stored, texts.words.query, texts.words.key);
  joined.set(texts, { stored, attention });
  return attention;
}

/**
 * The word that a token stands in, where words are shown; else the token.
 * @param {Texts} texts
 * @param {Side} side
 * @param {number} token
 */
export function shownIndex(texts, side, token) {
  return texts.joined ? texts.words[side].wordOf[token] : token;
}

/**
 * The token, the first of its word, that stands in links for what is shown.
 * @param {Texts} texts
 * @param {Side} side
 * @param {number} index
 */
export function linkedToken(texts, side, index) {
  return texts.joined ? texts.words[side].starts[index] : index;
}

/** How many tokens an axis has, joined or not. @param {Texts} texts @param {Side} side */
export function tokenCount({ words }, side) {
  return words[side].wordOf.length;
}

/** @param {Texts} texts @param {Side} side */
export function tokensOf(texts, side) {
  return side === 'query' ? texts.queries : texts.keys;
}
