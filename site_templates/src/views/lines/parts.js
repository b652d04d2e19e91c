/** Which tokens have lines: all, without those that are left out, or of a pair those of one text. */
import { tokensOf } from '../../parts/document-texts.js';
import { choice } from '../../parts/element.js';
import { tokenFlags } from '../../parts/token-flags.js';

/** @import { Selection, Side } from '../../state/types.js' */
/** @import { Texts } from '../../parts/document-texts.js' */
/** @import { Read } from '../../parts/document-frame.js' */
/** @import { Context } from '../../parts/types.js' */

const PARTS = [
  { value: 'all', text: 'all tokens' }, { value: 'aa', text: 'A to A' }, { value: 'ab', text: 'A to B' },
  { value: 'ba', text: 'B to A' }, { value: 'bb', text: 'B to B' },
];

/**
 * @param {Context['state']} state @param {Selection} selection @param {Read} read
 * @param {Parameters<typeof tokenFlags>[3]} hiding
 */
export function partTools(state, selection, { texts, loaded }, hiding) {
  const paired = [texts.queries, texts.keys].some(({ segment }) => segment.includes(1));
  return [
    paired && choice('Between', PARTS, selection.parts,
      (parts) => state.set({ parts: /** @type {Selection['parts']} */ (parts) }, { push: false })),
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
  const part = parts === 'all' ? undefined : 'ab'.indexOf(parts[side === 'query' ? 0 : 1]);
  return tokens.texts.map((_, i) => i)
    .filter((i) => !(hide && leftOut[i]) && (part === undefined || tokens.segment[i] === part));
}
