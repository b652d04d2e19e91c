/**
 * Which part of a document's text an axis reads, and where its second part begins. A translation's text is source and
 * target, a line break between; a pair's is both texts likewise; a prompt's goes straight on to its completion. Pure.
 * @import { Tokens } from '../data/types.js'
 */
import { codePointSlicer } from '../data/texts.js';

/**
 * @typedef {object} Passage
 * @property {number} from its first character, in code points
 * @property {number} to the end; Infinity for the end of the text
 * @property {number} second the first token of a pair's second text or of a completion, −1 if there is none
 * @property {readonly string[] | null} names of the two parts, or of a conversation's turns
 */

/** @type {Passage} */
export const WHOLE = { from: 0, to: Infinity, second: -1, names: null };
/** @type {readonly [string, string]} */
export const PAIR = ['first text', 'second text'];
/** @type {readonly [string, string]} */
export const PROMPT = ['prompt', 'completion'];

/** @typedef {Pick<Tokens, 'start' | 'end' | 'segment'>} Spans */

/**
 * @param {string} text the document's
 * @param {Spans} tokens of the axis
 * @param {readonly Spans[]} others the document's tokens on the model's other axes
 * @returns {Passage}
 */
export function findPassage(text, tokens, others) {
  const slice = codePointSlicer(text);
  const first = beginning(tokens);
  const starts = others.map(beginning).filter(Number.isFinite);
  const next = Math.min(Infinity, ...starts.filter((start) => start > first));
  const broken = next !== Infinity && slice(next - 1, next) === '\n';
  const second = tokens.segment.indexOf(1);
  return {
    from: starts.some((start) => start < first) ? first : 0,
    to: broken ? next - 1 : next,
    second,
    names: second < 0 ? null : isPair(slice, tokens, second) ? PAIR : PROMPT,
  };
}

/** Where the first token that stands for text begins. @param {Spans} tokens */
function beginning({ start }) {
  return start.find((at) => at >= 0) ?? Infinity;
}

/**
 * The line break between two texts belongs to neither; a completion goes on where the prompt ends.
 * @param {(start: number, end: number) => string} slice
 * @param {Spans} tokens
 * @param {number} second
 */
function isPair(slice, { start, end }, second) {
  const before = end.subarray(0, second).reduce((most, at) => Math.max(most, at), 0);
  const after = start.subarray(second).find((at) => at >= 0) ?? before;
  return slice(before, after).includes('\n');
}
