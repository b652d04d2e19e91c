/** Which tokens have lines: all, without those that are left out, or of a pair those of one text. */
import { tokensOf } from '../../parts/document-texts.js';
import { hasParts, partChoice, partsOf } from '../../parts/text-parts.js';
import { tokenFlags } from '../../parts/token-flags.js';

/** @import { Selection, Side } from '../../state/types.js' */
/** @import { Texts } from '../../parts/document-texts.js' */
/** @import { Read } from '../../parts/document-frame.js' */
/** @import { Context } from '../../parts/types.js' */

/**
 * @param {Context['state']} state @param {Selection} selection @param {Read} read
 * @param {Parameters<typeof tokenFlags>[3]} hiding
 */
export function partTools(state, selection, { texts, loaded }, hiding) {
  return [
    hasParts(texts) && partChoice(state, selection, texts, 'Between', 'all tokens'),
    ...tokenFlags(state, selection, loaded, hiding),
  ];
}

/**
 * The tokens of a column: all, without those that are left out, or those of one part of a pair.
 * @param {Texts} texts @param {Side} side @param {Selection} selection
 * @param {readonly boolean[]} [leftOut] special tokens, unless told
 */
export function orderOf(texts, side, { hide, parts }, leftOut = tokensOf(texts, side).special) {
  const tokens = tokensOf(texts, side);
  const part = partsOf(texts, parts)[side];
  return tokens.texts.map((_, i) => i)
    .filter((i) => !(hide && leftOut[i]) && (part === undefined || tokens.segment[i] === part));
}
