/** Which token to begin with, and which is shown where special tokens are hidden. Pure. */

/** @import { Tokens } from '../../data/types.js' */

/** A token worth beginning with: the longest word among the first. @param {Tokens} tokens */
export function firstToken(tokens) {
  let best = 0;
  for (let i = 0; i < Math.min(tokens.texts.length, 24); i++) {
    if (!tokens.special[i] && lengthOf(tokens, i) > (tokens.special[best] ? 0 : lengthOf(tokens, best))) best = i;
  }
  return best;
}

/** Very long tokens are no words. @param {Tokens} tokens @param {number} token */
function lengthOf(tokens, token) {
  const { length } = tokens.surface(token).trim();
  return length > 20 ? 1 : length;
}

/**
 * The nearest token that is shown, or undefined.
 * @param {Tokens} tokens
 * @param {number} token
 * @param {number} step
 * @param {boolean} hide
 */
export function shownToken(tokens, token, step, hide) {
  let at = token;
  while (at >= 0 && at < tokens.texts.length && hide && tokens.special[at]) at += step;
  return at >= 0 && at < tokens.texts.length ? at : undefined;
}
