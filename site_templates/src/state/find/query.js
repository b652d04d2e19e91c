/**
 * What is searched for: a word or words, a token as the vocabulary writes it, or a pattern between slashes. Pure.
 * @import { Head, Model } from '../../data/types.js'
 * @import { Program } from './pattern.js'
 */
import { labelNames } from '../awake.js';
import { compilePattern, compileWords, PatternError } from './pattern.js';

/**
 * @typedef {object} Query
 * @property {Program} program over texts
 * @property {string} needle in small letters: only texts with it can match; '' says nothing
 * @property {ReadonlySet<string>} pieces of the vocabulary that are matched too, in small letters
 */

/**
 * @param {string} text as it was typed, not empty
 * @returns {Query}
 * @throws {PatternError}
 */
export function readQuery(text) {
  const words = text.trim();
  const pattern = /^\/(.+?)(?:\/(\w*))?$/su.exec(words);
  if (!pattern) {
    const needle = words.toLowerCase().split(/\s+/)[0];
    return { program: compileWords(words), needle, pieces: piecesOf(words) };
  }
  const [, source, flags = ''] = pattern;
  if (!/^i?$/.test(flags)) {
    throw new PatternError('After a pattern comes / or /i, which takes capitals for small letters.');
  }
  return { program: compilePattern(source, { ignoreCase: flags === 'i' }), needle: '', pieces: new Set() };
}

/** A piece as it is read, "␣the", is "Ġthe" or "▁the" in vocabularies. @param {string} words */
function piecesOf(words) {
  const piece = words.toLowerCase();
  return new Set([piece, ...['Ġ', '▁'].map((blank) => piece.replaceAll('␣', blank.toLowerCase()))]);
}

/**
 * The heads whose name or label is searched for, in order.
 * @param {string} text
 * @param {Model} model
 * @param {readonly Head[]} heads
 * @returns {Head[]}
 */
export function headsCalled(text, { labels = [] }, heads) {
  const words = text.trim().toLowerCase();
  const isCalled = (/** @type {string} */ label) => label.toLowerCase().startsWith(words);
  const titles = labels.filter(({ name, title }) => isCalled(name) || isCalled(title)).map(({ name }) => name);
  return heads.filter((head) => head.id.toLowerCase() === words
    || labelNames(head).some((name) => titles.includes(name)));
}
